/// Which time zones an area code of the North American plan lies in, and which US state (from PyPI phonenumbers 9.0.43, Apache-2.0, data of
/// Google's libphonenumber; read 2026-11). An area code tells where a number was given out, not where the person is: a code of several
/// zones names them all, and one that is missing here (toll-free, newer ones) names none.
package enum AreaCode {
  package static func zones(of phone: PhoneNumber) -> [String] {
    phone.areaCode.flatMap { table[$0]?.zones } ?? []
  }

  /// The two letters of a US state.
  package static func state(of phone: PhoneNumber) -> String? {
    phone.areaCode.flatMap { table[$0]?.state }
  }

  private static let table: [Int: (zones: [String], state: String?)] = {
    var table: [Int: (zones: [String], state: String?)] = [:]
    var zones: [String] = []
    for word in data.split(whereSeparator: \.isWhitespace) {
      if word.hasSuffix(":") {
        zones = word.dropLast().split(separator: ",").map(String.init)
      } else if let code = Int(word.prefix(3)) {
        table[code] = (zones, word.count > 3 ? String(word.dropFirst(4)) : nil)
      }
    }
    return table
  }()

  /// `zones: codes`, a US code with its state.
  private static let data = """
    America/Adak,America/Anchorage,America/Juneau,Pacific/Honolulu: 907.AK
    America/Anguilla: 264
    America/Antigua: 268
    America/Barbados: 246
    America/Boise,America/Los_Angeles: 986.ID
    America/Boise,America/Los_Angeles,America/Denver: 775.NV
    America/Cayman: 345
    America/Chicago: 205.AL 210.TX 214.TX 217.IL 218.MN 224.IL 225.LA 228.MS 235.MO 251.AL 254.TX 256.AL 262.WI 274.WI
      281.TX 309.IL 312.IL 314.MO 316.KS 318.LA 319.IA 320.MN 325.TX 327.AR 331.IL 334.AL 337.LA 346.TX 353.WI 361.TX
      402.NE 405.OK 409.TX 414.WI 417.MO 430.TX 432.TX 447.IL 464.IL 469.TX 479.AR 501.AR 504.LA 507.MN 512.TX 515.IA
      531.NE 534.WI 539.OK 557.MO 563.IA 572.OK 573.MO 580.OK 601.MS 608.WI 612.MN 615.TN 618.IL 629.TN 630.IL 636.MO
      641.IA 651.MN 659.AL 660.MO 662.MS 682.TX 689.FL 708.IL 712.IA 713.TX 715.WI 726.TX 730.IL 731.TN 737.TX 763.MN
      769.MS 773.IL 779.IL 806.TX 815.IL 816.MO 817.TX 830.TX 832.TX 847.IL 870.AR 872.IL 901.TN 903.TX 913.KS 918.OK
      920.WI 931.TN 936.TX 938.AL 940.TX 945.TX 952.MN 956.TX 972.TX 975.MO 979.TX 985.LA
    America/Chicago,America/Denver: 308.NE 620.KS 785.KS
    America/Chicago,America/New_York: 423.TN
    America/Denver: 303.CO 307.WY 385.UT 406.MT 435.UT 505.NM 575.NM 719.CO 720.CO 748.CO 801.UT 915.TX 970.CO 983.CO
    America/Denver,America/North_Dakota/Center,America/Chicago: 605.SD 701.ND
    America/Dominica: 767
    America/Edmonton: 368 403 587 780 825
    America/Fort_Nelson,America/Edmonton,America/Vancouver,America/Winnipeg,America/Toronto: 867
    America/Grand_Turk: 649
    America/Grenada: 473
    America/Halifax: 428 506 782 902
    America/Halifax,America/St_Johns: 709
    America/Jamaica: 658 876
    America/Los_Angeles: 206.WA 209.CA 213.CA 253.WA 279.CA 310.CA 323.CA 341.CA 350.CA 360.WA 369.CA 408.CA 415.CA
      424.CA 425.WA 442.CA 458.OR 503.OR 509.WA 510.CA 530.CA 559.CA 562.CA 564.WA 619.CA 626.CA 628.CA 650.CA 657.CA
      661.CA 669.CA 702.NV 707.CA 714.CA 725.NV 738.CA 747.CA 760.CA 805.CA 818.CA 820.CA 831.CA 840.CA 858.CA 909.CA
      916.CA 925.CA 949.CA 951.CA 971.OR
    America/Los_Angeles,America/Boise,America/Denver: 208.ID
    America/Los_Angeles,America/Denver: 541.OR
    America/Lower_Princes: 721
    America/Montserrat: 664
    America/Nassau: 242
    America/New_York: 201.NJ 202.DC 203.CT 207.ME 212.NY 215.PA 216.OH 220.OH 223.PA 227.MD 229.GA 231.MI 234.OH
      239.FL 240.MD 248.MI 252.NC 260.IN 267.PA 269.MI 272.PA 276.VA 283.OH 301.MD 302.DE 304.WV 305.FL 313.MI 315.NY
      317.IN 321.FL 324.FL 326.OH 329.NY 330.OH 332.NY 336.NC 339.MA 347.NY 351.MA 352.FL 363.NY 364.KY 380.OH 386.FL
      401.RI 404.GA 407.FL 410.MD 412.PA 413.MA 419.OH 434.VA 440.OH 443.MD 445.PA 448.FL 463.IN 470.GA 472.NC 475.CT
      478.GA 484.PA 502.KY 508.MA 513.OH 516.NY 517.MI 518.NY 540.VA 551.NJ 561.FL 567.OH 570.PA 571.VA 582.PA 585.NY
      586.MI 603.NH 607.NY 609.NJ 610.PA 614.OH 616.MI 617.MA 631.NY 640.NJ 645.FL 646.NY 656.FL 667.MD 678.GA 680.NY
      681.WV 686.VA 703.VA 704.NC 706.GA 716.NY 717.PA 718.NY 724.PA 727.FL 728.FL 732.NJ 734.MI 740.OH 743.NC 754.FL
      757.VA 762.GA 765.IN 770.GA 771.DC 772.FL 774.MA 781.MA 786.FL 802.VT 803.SC 804.VA 810.MI 813.FL 814.PA 821.SC
      826.VA 828.NC 835.PA 838.NY 839.SC 843.SC 845.NY 848.NJ 854.SC 856.NJ 857.MA 859.KY 860.CT 862.NJ 863.FL 864.SC
      865.TN 878.PA 904.FL 908.NJ 910.NC 912.GA 914.NY 917.NY 919.NC 929.NY 930.IN 934.NY 937.OH 941.FL 943.GA 947.MI
      948.VA 954.FL 959.CT 973.NJ 978.MA 980.NC 984.NC 989.MI
    America/New_York,America/Chicago: 219.IN 270.KY 574.IN 606.KY 812.IN 850.FL 906.MI
    America/Phoenix: 480.AZ 520.AZ 602.AZ 623.AZ
    America/Phoenix,America/Denver: 928.AZ
    America/Port_of_Spain: 868
    America/Puerto_Rico: 787 939
    America/Puerto_Rico,America/St_Johns: 879
    America/Regina: 306 639
    America/Santo_Domingo: 809 829 849
    America/St_Kitts: 869
    America/St_Lucia: 758
    America/St_Thomas: 340
    America/St_Vincent: 784
    America/Toronto: 226 249 263 273 289 343 354 365 367 382 416 437 438 450 468 514 519 548 579 581 613 647 683 705
      742 753 819 873 905 942
    America/Toronto,America/Halifax: 418
    America/Toronto,America/Winnipeg: 807
    America/Tortola: 284
    America/Vancouver: 236 257 604 672 778
    America/Vancouver,America/Edmonton: 250
    America/Winnipeg: 204 431 474 584
    Atlantic/Bermuda: 441
    Pacific/Guam: 671
    Pacific/Honolulu: 808.HI
    Pacific/Pago_Pago: 684
    Pacific/Saipan: 670
    """
}

/// What time zones are called outside the IANA database: CLDR's Windows names, those of Rails, and how people in the United States call theirs.
enum ZoneNames {
  static let table: [String: String] = {
    var table: [String: String] = [:]
    for line in data.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      for word in words.dropFirst() { table[word] = words[0] }
    }
    return table
  }()

  /// `zone names`, the names in small letters without blanks.
  private static let data = """
    Africa/Algiers westcentralafrica
    Africa/Cairo egyptstandardtime
    Africa/Casablanca moroccostandardtime
    Africa/Harare harare
    Africa/Johannesburg pretoria southafricastandardtime
    Africa/Juba southsudanstandardtime
    Africa/Khartoum sudanstandardtime
    Africa/Lagos wcentralafricastandardtime
    Africa/Nairobi eafricastandardtime
    Africa/Sao_Tome saotomestandardtime
    Africa/Tripoli libyastandardtime
    Africa/Windhoek namibiastandardtime
    America/Adak aleutianstandardtime
    America/Anchorage alaskanstandardtime alaskastandardtime alaskatime
    America/Araguaina tocantinsstandardtime
    America/Argentina/Buenos_Aires buenosaires
    America/Asuncion paraguaystandardtime
    America/Bahia bahiastandardtime
    America/Bogota bogota sapacificstandardtime
    America/Buenos_Aires argentinastandardtime
    America/Cancun easternstandardtimemexico
    America/Caracas caracas venezuelastandardtime
    America/Cayenne saeasternstandardtime
    America/Chicago central centraldaylighttime centralstandardtime centraltime centraltimeuscanada uscentral
    America/Chihuahua chihuahua
    America/Cuiaba centralbrazilianstandardtime
    America/Denver mountain mountaindaylighttime mountainstandardtime mountaintime mountaintimeuscanada usmountain
    America/Edmonton albertastandardtime
    America/Godthab greenland greenlandstandardtime
    America/Grand_Turk turksandcaicosstandardtime
    America/Guatemala centralamerica centralamericastandardtime
    America/Guyana georgetown
    America/Halifax atlantic atlanticstandardtime atlantictime atlantictimecanada
    America/Havana cubastandardtime
    America/Indiana/Indianapolis indianaeast
    America/Indianapolis useasternstandardtime
    America/Juneau alaska
    America/La_Paz lapaz sawesternstandardtime
    America/Lima lima quito
    America/Los_Angeles pacific pacificdaylighttime pacificstandardtime pacifictime pacifictimeuscanada uspacific
    America/Mazatlan mazatlan mountainstandardtimemexico
    America/Mexico_City centralstandardtimemexico guadalajara mexicocity
    America/Miquelon saintpierrestandardtime
    America/Monterrey monterrey
    America/Montevideo montevideo montevideostandardtime
    America/New_York eastern easterndaylighttime easternstandardtime easterntime easterntimeuscanada useastern
    America/Phoenix arizona arizonatime usmountainstandardtime
    America/Port-au-Prince haitistandardtime
    America/Puerto_Rico puertorico
    America/Punta_Arenas magallanesstandardtime
    America/Regina canadacentralstandardtime saskatchewan
    America/Santiago pacificsastandardtime santiago
    America/Sao_Paulo brasilia esouthamericastandardtime
    America/St_Johns newfoundland newfoundlandstandardtime newfoundlandtime
    America/Tijuana pacificstandardtimemexico tijuana
    America/Vancouver britishcolumbiastandardtime
    America/Whitehorse yukonstandardtime
    America/Winnipeg manitobastandardtime
    Asia/Amman jordanstandardtime
    Asia/Baghdad arabicstandardtime
    Asia/Baku azerbaijanstandardtime
    Asia/Bangkok hanoi seasiastandardtime
    Asia/Barnaul altaistandardtime
    Asia/Beirut middleeaststandardtime
    Asia/Bishkek centralasiastandardtime
    Asia/Calcutta indiastandardtime
    Asia/Chita transbaikalstandardtime
    Asia/Colombo srijayawardenepura srilankastandardtime
    Asia/Damascus syriastandardtime
    Asia/Dhaka astana bangladeshstandardtime
    Asia/Dubai arabianstandardtime
    Asia/Hebron westbankstandardtime
    Asia/Hovd wmongoliastandardtime
    Asia/Irkutsk northasiaeaststandardtime
    Asia/Jerusalem israelstandardtime
    Asia/Kabul afghanistanstandardtime
    Asia/Kamchatka russiatimezone11
    Asia/Karachi islamabad pakistanstandardtime
    Asia/Katmandu nepalstandardtime
    Asia/Kolkata chennai mumbai newdelhi
    Asia/Krasnoyarsk northasiastandardtime
    Asia/Magadan magadanstandardtime
    Asia/Manila philippinestandardtime philippinetime
    Asia/Muscat abudhabi
    Asia/Novosibirsk ncentralasiastandardtime
    Asia/Omsk omskstandardtime
    Asia/Pyongyang northkoreastandardtime
    Asia/Qyzylorda qyzylordastandardtime
    Asia/Rangoon myanmarstandardtime
    Asia/Riyadh arabstandardtime
    Asia/Sakhalin sakhalinstandardtime
    Asia/Seoul koreastandardtime
    Asia/Shanghai beijing chinastandardtime
    Asia/Singapore singaporestandardtime
    Asia/Srednekolymsk russiatimezone10
    Asia/Taipei taipeistandardtime
    Asia/Tashkent westasiastandardtime
    Asia/Tbilisi georgianstandardtime
    Asia/Tehran iranstandardtime
    Asia/Tokyo japanstandardtime osaka sapporo tokyostandardtime
    Asia/Tomsk tomskstandardtime
    Asia/Ulaanbaatar ulaanbaatar ulaanbaatarstandardtime
    Asia/Vladivostok vladivostokstandardtime
    Asia/Yakutsk yakutskstandardtime
    Asia/Yekaterinburg ekaterinburgstandardtime
    Asia/Yerevan caucasusstandardtime
    Atlantic/Azores azores azoresstandardtime
    Atlantic/Cape_Verde capeverdeis capeverdestandardtime
    Atlantic/Reykjavik greenwichstandardtime
    Atlantic/South_Georgia midatlantic
    Australia/Adelaide cenaustraliastandardtime
    Australia/Brisbane eaustraliastandardtime
    Australia/Darwin auscentralstandardtime
    Australia/Eucla auscentralwstandardtime
    Australia/Hobart tasmaniastandardtime
    Australia/Lord_Howe lordhowestandardtime
    Australia/Perth waustraliastandardtime
    Australia/Sydney auseasternstandardtime canberra
    Etc/GMT+11 utc11
    Etc/GMT+12 datelinestandardtime internationaldatelinewest
    Etc/GMT+2 utc02
    Etc/GMT+8 utc08
    Etc/GMT+9 utc09
    Etc/GMT-12 utc12
    Etc/GMT-13 utc13
    Etc/UTC utc
    Europe/Astrakhan astrakhanstandardtime
    Europe/Athens easterneuropeantime
    Europe/Berlin centraleuropeansummertime centraleuropeantime weuropestandardtime
    Europe/Bucharest gtbstandardtime
    Europe/Budapest centraleuropestandardtime
    Europe/Chisinau eeuropestandardtime
    Europe/Istanbul turkeystandardtime
    Europe/Kaliningrad kaliningradstandardtime
    Europe/Kiev flestandardtime kyiv
    Europe/Lisbon westerneuropeantime
    Europe/London britishsummertime edinburgh gmtstandardtime greenwichmeantime
    Europe/Minsk belarusstandardtime
    Europe/Moscow russianstandardtime stpetersburg
    Europe/Paris romancestandardtime
    Europe/Samara russiatimezone3
    Europe/Saratov saratovstandardtime
    Europe/Volgograd volgogradstandardtime
    Europe/Warsaw centraleuropeanstandardtime
    Europe/Zurich bern
    Indian/Mauritius mauritiusstandardtime
    Pacific/Apia samoa samoastandardtime
    Pacific/Auckland newzealandstandardtime wellington
    Pacific/Bougainville bougainvillestandardtime
    Pacific/Chatham chathamis chathamislandsstandardtime
    Pacific/Easter easterislandstandardtime
    Pacific/Fakaofo tokelauis
    Pacific/Fiji fijistandardtime
    Pacific/Guadalcanal centralpacificstandardtime solomonis
    Pacific/Honolulu hawaii hawaiialeutianstandardtime hawaiianstandardtime hawaiitime
    Pacific/Kiritimati lineislandsstandardtime
    Pacific/Majuro marshallis
    Pacific/Marquesas marquesasstandardtime
    Pacific/Midway midwayisland
    Pacific/Norfolk norfolkstandardtime
    Pacific/Noumea newcaledonia
    Pacific/Pago_Pago americansamoa
    Pacific/Port_Moresby westpacificstandardtime
    Pacific/Tongatapu nukualofa tongastandardtime
    """
}

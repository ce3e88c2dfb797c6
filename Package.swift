// swift-tools-version:6.2
import PackageDescription

/// Every target of the server: Swift 6 mode, no warning survives, imports say what they leak.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let memoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

/// Templates of pages are a part of the executable: it stays one file, and starts without them nowhere.
let pages: [Resource] = [
  .embedInCode("Links/Pages"), .embedInCode("SignIn/Pages"), .embedInCode("Assets"),
  .embedInCode("PageTemplates"),
]

let package = Package(
  name: "roundhouse",
  products: [
    .executable(name: "roundhouse", targets: ["Router"]),
    // The test double for the provider; never part of roundhouse.
    .executable(name: "twilio-simulator", targets: ["TwilioSimulator"]),
    // The whole server in one thread, under a clock, a disk and a provider of its own; never part of roundhouse.
    .executable(name: "simulation", targets: ["Simulation"]),
  ],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // Settings come as texts, and its JSON reader is another one: no traits.
    .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0", traits: []),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // The line: Router → ControlPlane → TenantRuntime.
    .executableTarget(
      name: "Router",
      dependencies: [
        "ControlPlane", "TenantRuntime", hummingbird, hummingbirdCore, grdb, logging, arguments, lifecycle, crypto,
        signals, configuration, nioCore, nioHTTP, collections,
      ],
      resources: pages, swiftSettings: settings),
    .target(
      name: "ControlPlane",
      dependencies: [
        "CAres", "CHiredis", "CMail", "CScrypt", "TenantRuntime", hummingbird, grdb, crypto, logging, lifecycle,
        collections, heap, nioCore,
        nioPosix,
      ],
      exclude: [
        "Database/schema.sql", "Intake/schema.sql", "Redis/CHiredis", "Hosts/CAres", "Mail/CMail", "SignIn/CScrypt",
      ],
      resources: [.embedInCode("SignIn/common-passwords.bloom")],
      swiftSettings: settings),
    .target(
      name: "TenantRuntime",
      dependencies: [
        "CCurl", "CPhoneNumber", "CQRCode", "CSQLite", "CZlib", hummingbird, grdb, sqlite, crypto, logging, lifecycle,
        collections,
        heap, mustache, nioCore,
      ],
      exclude: [
        "OutboundHTTP/CCurl", "PhoneNumbers/CPhoneNumber", "QRCodes/CQRCode", "Database/CSQLite", "ImportFiles/CZlib",
        "Database/schema.sql", "Pages/icons.txt",
      ],
      resources: [.embedInCode("Pages")], swiftSettings: settings),

    // C libraries, each inside the capability folder that uses it.
    .target(
      name: "CCurl", path: "Sources/TenantRuntime/OutboundHTTP/CCurl",
      linkerSettings: [.linkedLibrary("curl")]),
    .target(
      name: "CSQLite", path: "Sources/TenantRuntime/Database/CSQLite",
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
      name: "CPhoneNumber", path: "Sources/TenantRuntime/PhoneNumbers/CPhoneNumber",
      linkerSettings: [.linkedLibrary("phonenumber")]),
    .target(
      name: "CQRCode", path: "Sources/TenantRuntime/QRCodes/CQRCode",
      linkerSettings: [.linkedLibrary("qrencode")]),
    .target(
      name: "CZlib", path: "Sources/TenantRuntime/ImportFiles/CZlib",
      linkerSettings: [.linkedLibrary("z")]),
    .target(
      name: "CHiredis", path: "Sources/ControlPlane/Redis/CHiredis",
      linkerSettings: [.linkedLibrary("hiredis")]),
    .target(
      name: "CAres", path: "Sources/ControlPlane/Hosts/CAres",
      linkerSettings: [.linkedLibrary("cares")]),

    .target(
      name: "CScrypt", path: "Sources/ControlPlane/SignIn/CScrypt",
      linkerSettings: [.linkedLibrary("crypto")]),
    .target(
      name: "CMail", path: "Sources/ControlPlane/Mail/CMail",
      linkerSettings: [.linkedLibrary("curl")]),

    .executableTarget(
      name: "TwilioSimulator",
      dependencies: [crypto, arguments, nioCore, nioHTTP, nioPosix],
      path: "Tests/TwilioSimulator", swiftSettings: settings),
    .target(
      name: "CSimulation", path: "Tests/Simulation/CSimulation",
      linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("dl")]),
    // The router once more, as a library: one executable cannot be linked into another.
    .target(
      name: "SimulatedRouter",
      dependencies: [
        "ControlPlane", "TenantRuntime", hummingbird, hummingbirdCore, grdb, logging, arguments, lifecycle, crypto,
        configuration, nioCore, nioHTTP, collections,
      ],
      path: "Tests/Simulation/Router", exclude: ["Roundhouse.swift", "Commands", "Serve.swift"],
      resources: pages,
      // The simulation sees what the router keeps to itself, in an optimised build too.
      swiftSettings: settings + [.unsafeFlags(["-enable-testing"], .when(configuration: .release))]),
    .executableTarget(
      name: "Simulation",
      dependencies: [
        "CSimulation", "SimulatedRouter", "ControlPlane", "TenantRuntime", hummingbird, hummingbirdCore, grdb, crypto,
        logging,
        nioCore, nioHTTP, nioEmbedded,
      ],
      path: "Tests/Simulation", exclude: ["CSimulation", "Router"], swiftSettings: settings),
    .target(
      name: "TestKit",
      dependencies: ["ControlPlane", "TenantRuntime", grdb, logging],
      path: "Tests/TestKit", swiftSettings: settings),
    .testTarget(
      name: "TenantRuntimeTests",
      dependencies: ["TenantRuntime", "TestKit", grdb, sqlite], swiftSettings: settings),
    .testTarget(
      name: "ControlPlaneTests",
      dependencies: ["ControlPlane", "TenantRuntime", "TestKit", grdb, logging, memoryLogging],
      swiftSettings: settings),
    .testTarget(
      name: "RouterTests",
      dependencies: [
        "Router", "ControlPlane", "TenantRuntime", "TestKit", grdb, crypto, hummingbird, logging, lifecycle, nioCore,
        nioEmbedded, nioHTTP,
      ], swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)

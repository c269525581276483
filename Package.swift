// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let connectorProtocol = Target.Dependency.product(name: "ConnectorProtocol", package: "sdk")
let connectorDisk = Target.Dependency.product(name: "ConnectorDisk", package: "sdk")
let connectorTesting = Target.Dependency.product(name: "ConnectorTesting", package: "sdk")
let connectorImages = Target.Dependency.product(name: "ConnectorImages", package: "sdk")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

// Imports point one way: Ascend → Restore → Planning → Backups, Disks, Guests, Connectors → Support → the SDK.
// The host never imports from Plugins/, and a connector imports nothing but the SDK.
let package = Package(
  name: "ascend",
  products: [
    .executable(name: "ascend", targets: ["Ascend"])
  ],
  dependencies: [
    .package(path: "sdk"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .executableTarget(
      name: "Ascend",
      dependencies: [
        "Backups", "Connectors", "Disks", "Guests", "Planning", "Restore", "Support", connectorProtocol, logging,
        .product(name: "ConnectorConformance", package: "sdk"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "disk-bench",
      dependencies: [
        "Disks", connectorDisk, connectorImages,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/disk-bench", swiftSettings: settings),
    .target(
      name: "Restore",
      dependencies: [
        "Backups", "Connectors", "Disks", "Guests", "Planning", "Support", connectorProtocol, logging,
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: settings),
    .target(
      name: "Planning", dependencies: ["Support", connectorProtocol], resources: [.embedInCode("Rules/rules.json")],
      swiftSettings: settings),
    .target(name: "Backups", dependencies: ["Disks", "Support", connectorProtocol], swiftSettings: settings),
    .target(
      name: "Disks",
      dependencies: ["CDirectIO", "CZlib", "Support", connectorDisk, connectorImages, connectorProtocol, logging],
      swiftSettings: settings),
    .target(name: "CDirectIO"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "Guests", dependencies: ["CArchive", "CGuestfs", "Support", connectorProtocol, logging],
      resources: [
        .embedInCode("BootProof/devices.json"), .embedInCode("Linux/Tools/agents.json"),
        .embedInCode("Windows/tools.json"),
      ],
      swiftSettings: settings),
    .systemLibrary(name: "CGuestfs", pkgConfig: "libguestfs", providers: [.apt(["libguestfs-dev"])]),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(name: "CSpawn"),
    .target(
      name: "Connectors", dependencies: ["CSpawn", "Support", connectorProtocol], swiftSettings: settings),
    .target(
      name: "Support",
      dependencies: [
        "CSpawn", connectorProtocol, logging,
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: settings),
    .testTarget(name: "SupportTests", dependencies: ["Support"], swiftSettings: settings),
    .testTarget(
      name: "ConnectorsTests", dependencies: ["Connectors", "Support", connectorProtocol, connectorTesting],
      exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "BackupsTests", dependencies: ["Backups", "Disks", "Support", connectorProtocol], swiftSettings: settings),
    .testTarget(
      name: "DisksTests", dependencies: ["Disks", "Support", connectorProtocol, connectorTesting],
      swiftSettings: settings),
    .testTarget(
      name: "GuestsTests",
      dependencies: [
        "CArchive", "CGuestfs", "Guests", "Support", connectorProtocol, connectorTesting, logging,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "PlanningTests", dependencies: ["Planning", "Support", connectorProtocol], exclude: ["Golden"],
      swiftSettings: settings),
    .testTarget(
      name: "RestoreTests",
      dependencies: [
        "Restore", "Backups", "Connectors", "Disks", "Guests", "Planning", "Support", connectorProtocol, logging,
      ],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEndTests", dependencies: ["Support", connectorProtocol, connectorTesting], swiftSettings: settings),
  ]
)

// `make libfuzzer`: libFuzzer brings the `main` of this program, so that no other build can link it.
if Context.environment["ASCEND_LIBFUZZER"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "reader-fuzzer", dependencies: ["Backups", "Disks", "Support", connectorProtocol], path: "Tests/LibFuzzer",
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}

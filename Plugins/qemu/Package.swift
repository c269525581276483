// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "qemu",
  products: [.executable(name: "qemu-connector", targets: ["qemu-connector"])],
  dependencies: [.package(path: "../../sdk")],
  targets: [
    // Linux calls that Swift's Glibc module leaves out: spawning without leaking descriptors, pidfd, renameat2.
    .target(name: "CQEMUSystem"),
    .target(
      name: "QEMUConnector",
      dependencies: [
        "CQEMUSystem",
        .product(name: "ConnectorProtocol", package: "sdk"),
        .product(name: "ConnectorKit", package: "sdk"),
        .product(name: "ConnectorDisk", package: "sdk"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "qemu-connector",
      dependencies: ["QEMUConnector", .product(name: "ConnectorKit", package: "sdk")],
      swiftSettings: settings),
    .testTarget(
      name: "QEMUConnectorTests",
      dependencies: [
        "QEMUConnector",
        .product(name: "ConnectorProtocol", package: "sdk"),
        .product(name: "ConnectorKit", package: "sdk"),
        .product(name: "ConnectorDisk", package: "sdk"),
        .product(name: "ConnectorTesting", package: "sdk"),
      ],
      swiftSettings: settings),
  ]
)

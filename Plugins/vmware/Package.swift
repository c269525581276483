// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let sdk: [Target.Dependency] = [
  .product(name: "ConnectorProtocol", package: "sdk"),
  .product(name: "ConnectorKit", package: "sdk"),
  .product(name: "ConnectorDisk", package: "sdk"),
  .product(name: "ConnectorHTTP", package: "sdk"),
  .product(name: "ConnectorImages", package: "sdk"),
]

let package = Package(
  name: "vmware",
  products: [.executable(name: "vmware-connector", targets: ["vmware-connector"])],
  dependencies: [.package(path: "../../sdk")],
  targets: [
    .target(name: "VMwareConnector", dependencies: sdk, swiftSettings: settings),
    .executableTarget(
      name: "vmware-connector",
      dependencies: ["VMwareConnector", .product(name: "ConnectorKit", package: "sdk")],
      swiftSettings: settings),
    .testTarget(
      name: "VMwareConnectorTests",
      dependencies: sdk + [
        "VMwareConnector", "vmware-connector", .product(name: "ConnectorConformance", package: "sdk"),
        .product(name: "ConnectorTesting", package: "sdk"),
      ],
      swiftSettings: settings),
  ]
)

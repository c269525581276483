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
  .product(name: "ConnectorServing", package: "sdk"),
]

let client: [Target.Dependency] = [
  .product(name: "ConnectorProtocol", package: "sdk"),
  .product(name: "ConnectorHTTP", package: "sdk"),
]

let testing: [Target.Dependency] = [.product(name: "ConnectorTesting", package: "sdk")]

let package = Package(
  name: "aws",
  products: [.executable(name: "aws-connector", targets: ["aws-connector"])],
  dependencies: [.package(path: "../../sdk")],
  targets: [
    .target(name: "AWSClient", dependencies: client, swiftSettings: settings),
    .target(name: "AWSConnector", dependencies: sdk + ["AWSClient"], swiftSettings: settings),
    .executableTarget(
      name: "aws-connector",
      dependencies: ["AWSConnector", .product(name: "ConnectorKit", package: "sdk")],
      swiftSettings: settings),
    // What Benchmarks/run compares with curl.
    .executableTarget(
      name: "ebs-push", dependencies: ["AWSClient", "AWSConnector"], path: "Benchmarks/ebs-push",
      swiftSettings: settings),
    .target(
      name: "AWSTestSupport", dependencies: client + testing + ["AWSClient"], path: "Tests/AWSTestSupport",
      swiftSettings: settings),
    .testTarget(
      name: "AWSClientTests", dependencies: client + testing + ["AWSClient", "AWSTestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "AWSConnectorTests",
      dependencies: sdk + testing + [
        "AWSClient", "AWSConnector", "AWSTestSupport", "aws-connector",
        .product(name: "ConnectorConformance", package: "sdk"),
      ],
      swiftSettings: settings),
  ]
)

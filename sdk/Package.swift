// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

// Foundation and system libraries only: a connector must build in seconds, and several connectors must be able to
// share one scratch path, which a remote package dependency would break.
let package = Package(
  name: "ascend-sdk",
  products: [
    .library(name: "ConnectorProtocol", targets: ["ConnectorProtocol"]),
    .library(name: "ConnectorKit", targets: ["ConnectorKit"]),
    .library(name: "ConnectorDisk", targets: ["ConnectorDisk"]),
    .library(name: "ConnectorHTTP", targets: ["ConnectorHTTP"]),
    .library(name: "ConnectorImages", targets: ["ConnectorImages"]),
    .library(name: "ConnectorServing", targets: ["ConnectorServing"]),
    .library(name: "ConnectorConformance", targets: ["ConnectorConformance"]),
    .library(name: "ConnectorTesting", targets: ["ConnectorTesting"]),
    .executable(name: "folder-connector", targets: ["ExampleConnector"]),
  ],
  targets: [
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "ConnectorProtocol", dependencies: ["CCrypto"], swiftSettings: settings),
    .target(name: "ConnectorKit", dependencies: ["ConnectorProtocol"], swiftSettings: settings),
    .systemLibrary(name: "CNBD", pkgConfig: "libnbd", providers: [.apt(["libnbd-dev"])]),
    .systemLibrary(name: "CFileRange"),
    .target(
      name: "ConnectorDisk", dependencies: ["CFileRange", "CNBD", "ConnectorProtocol"], swiftSettings: settings),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev", "libssl-dev"])]),
    .target(name: "ConnectorHTTP", dependencies: ["CCurl", "ConnectorProtocol"], swiftSettings: settings),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .target(
      name: "ConnectorImages", dependencies: ["CDeflate", "ConnectorDisk", "ConnectorProtocol"],
      swiftSettings: settings),
    .target(name: "ConnectorServing", dependencies: ["ConnectorProtocol"], swiftSettings: settings),
    .systemLibrary(name: "CPosixSpawn"),
    .target(
      name: "ConnectorConformance", dependencies: ["CPosixSpawn", "ConnectorProtocol"], swiftSettings: settings),
    .target(
      name: "ConnectorTesting", dependencies: ["ConnectorKit", "ConnectorProtocol"], swiftSettings: settings),
    .testTarget(
      name: "ConnectorProtocolTests", dependencies: ["ConnectorProtocol", "ConnectorTesting"],
      swiftSettings: settings),
    .testTarget(
      name: "ConnectorConformanceTests",
      dependencies: ["ConnectorConformance", "ConnectorProtocol", "ConnectorTesting"], swiftSettings: settings),
    .testTarget(
      name: "ConnectorKitTests", dependencies: ["ConnectorKit", "ConnectorProtocol"], swiftSettings: settings),
    .testTarget(
      name: "ConnectorDiskTests", dependencies: ["ConnectorDisk", "ConnectorProtocol", "ConnectorTesting"],
      swiftSettings: settings),
    .testTarget(
      name: "ConnectorHTTPTests", dependencies: ["ConnectorHTTP", "ConnectorProtocol", "ConnectorTesting"],
      exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "ConnectorImagesTests",
      dependencies: ["ConnectorDisk", "ConnectorImages", "ConnectorProtocol", "ConnectorTesting"],
      swiftSettings: settings),
    .testTarget(
      name: "ConnectorTestingTests",
      dependencies: [
        "ConnectorConformance", "ConnectorKit", "ConnectorProtocol", "ConnectorTesting", "ExampleConnector",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ConnectorServingTests",
      dependencies: ["ConnectorDisk", "ConnectorProtocol", "ConnectorServing", "ConnectorTesting"],
      swiftSettings: settings),
    .executableTarget(
      name: "ExampleConnector", dependencies: ["ConnectorDisk", "ConnectorKit", "ConnectorProtocol"],
      path: "Examples/ExampleConnector", exclude: ["connector.json"], swiftSettings: settings),
  ]
)

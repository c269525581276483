import ConnectorKit
import ConnectorProtocol
import ConnectorTesting

@testable import VMwareConnector

extension TestHost {
  /// A host before a simulator.
  init(
    _ connection: JSONValue, secrets: [String: String] = Simulator.secrets,
    job: JobID = JobID(TimeOrderedUUID.make())
  ) async throws {
    try await self.init(VMwareConnector.self, connection: connection, secrets: secrets, job: job)
  }

  static func nbd(_ export: Export, size: Int64, generation: String = "g1") -> DiskSource {
    export.source(size: size, format: "vmdk", generation: generation)
  }
}

extension Images {
  static func same(_ raw: String, _ image: String) async throws -> Bool {
    try await same(raw, image, format: "vmdk")
  }

  /// True where qemu-img finds nothing wrong with it.
  static func isSound(_ image: String) async throws -> Bool {
    try await tool("qemu-img", ["check", "-f", "vmdk", image]).code == 0
  }
}

import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting

@testable import AWSConnector

extension TestHost {
  init(
    _ connection: JSONValue, secrets: [String: String], job: JobID = JobID(TimeOrderedUUID.make()),
    state: Scratch? = nil
  ) async throws {
    try await self.init(AWSConnector.self, connection: connection, secrets: secrets, job: job, state: state)
  }

  /// A host before a server.
  init(
    _ cloud: AWSServer, _ more: [String: JSONValue] = [:], job: JobID = JobID(TimeOrderedUUID.make()),
    state: Scratch? = nil
  ) async throws {
    // Of all types the servers take seconds to tell: only what is about the choice lets one be chosen.
    let members: [String: JSONValue] = ["instanceType": "m5.large"]
    try await self.init(
      cloud.connection(members.merging(more) { _, new in new }), secrets: cloud.secrets, job: job, state: state)
  }

  static func nbd(_ export: Export, size: Int64, generation: String = "g1") -> DiskSource {
    export.source(size: size, generation: generation)
  }
}

import AWSTestSupport
import ConnectorProtocol
import Foundation
import Synchronization
import Testing

@testable import AWSClient

@Suite(.enabled(if: AWSServer.isAvailable), .serialized) struct ImportTasksTests {
  private func prepared() async throws -> (AWSServer, ImportTasks) {
    let server = try await AWSServer(.strict)
    let client = server.client()
    _ = try await client.rest("s3", "PUT", "/imports")
    _ = try await client.rest("s3", "PUT", "/imports/disk.raw", body: Data(count: 1 << 20))
    return (server, ImportTasks(client))
  }

  private static let source = ImportTasks.Source(bucket: "imports", key: "disk.raw", format: "RAW")
  private static func terms(_ token: String = "job-1-disk-0") -> ImportTasks.Terms {
    .init(description: "disk 0 of a machine", clientToken: token, tags: [("ascend:job", "one"), ("Name", "a & b")])
  }

  @Test func aDiskBecomesASnapshotAndAnImage() async throws {
    let (server, imports) = try await prepared()
    let begun = try await imports.importSnapshot(Self.source, Self.terms())
    #expect(begun.status == "active" && begun.snapshotId == nil)
    // The same token is the same task, and its tag finds it.
    #expect(try await imports.importSnapshot(Self.source, Self.terms()).id == begun.id)
    #expect(try await imports.tasks(.snapshot, tag: "ascend:job", "one").map(\.id) == [begun.id])
    #expect(try await imports.tasks(.snapshot, tag: "ascend:job", "two").isEmpty)
    let seen = Mutex<[String]>([])
    let done = try await imports.wait(for: begun.id, .snapshot, every: .milliseconds(10)) { task in
      seen.withLock { $0.append(task.status) }
    }
    let snapshot = try #require(done.snapshotId)
    #expect(seen.withLock { $0.last } == "completed" && seen.withLock { $0.count } >= 2)
    let image = try await imports.importImage(
      snapshots: [snapshot], platform: "Windows", licenseType: "AWS", bootMode: "uefi", Self.terms())
    let ready = try await imports.wait(for: image.id, .image, every: .milliseconds(10))
    #expect(ready.imageId?.hasPrefix("ami-") == true)
    try await server.checkRequests()
  }

  @Test func aTaskThatFailsSaysWhy() async throws {
    let (server, imports) = try await prepared()
    try await server.configure(["importFails": "ClientError: No valid partitions"])
    let task = try await imports.importSnapshot(Self.source, Self.terms())
    let error = await #expect(throws: AWSError.self) {
      try await imports.wait(for: task.id, .snapshot, every: .milliseconds(10))
    }
    #expect(error?.code == AWSError.Codes.importFailed && error?.message.contains("No valid partitions") == true)
    try await server.configure(["importFails": .null, "importPolls": 1000])
    let slow = try await imports.importSnapshot(Self.source, Self.terms("another"))
    let late = await #expect(throws: AWSError.self) {
      try await imports.wait(for: slow.id, .snapshot, every: .milliseconds(10), deadline: .milliseconds(100))
    }
    #expect(late?.code == AWSError.Codes.importTimeout)
    for _ in 0..<2 { try await imports.cancel(slow.id) }
    #expect(try await imports.task(slow.id, .snapshot).isFailed)
    try await imports.cancel("import-snap-0")
  }

  @Test func anotherRequestWithTheTokenIsRefused() async throws {
    let (server, imports) = try await prepared()
    _ = try await imports.importSnapshot(Self.source, Self.terms())
    var terms = Self.terms()
    terms.description = "another"
    let error = await #expect(throws: AWSError.self) { try await imports.importSnapshot(Self.source, terms) }
    #expect(error?.code == "IdempotentParameterMismatch")
    var source = Self.source
    source.key = "none"
    let missing = await #expect(throws: AWSError.self) { try await imports.importSnapshot(source, Self.terms("2")) }
    #expect(missing?.code == "InvalidParameter")
    try await server.checkRequests()
  }
}

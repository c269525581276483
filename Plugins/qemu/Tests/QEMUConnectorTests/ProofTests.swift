import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

/// What is said of a disk's content, and what it was compared with.
@Suite struct ProofTests {
  private let scratch: Scratch
  private let image: String
  private let size = 24 * mebibyte + 512

  init() throws {
    scratch = try Scratch()
    image = scratch.file("source.raw")
    try Images.make(image, size: size, data: [(1, 2), (20, 3)])
  }

  private func prepared(_ format: String, access: String = "nbd") async throws -> (TestHost, PlanPreflight.Plan) {
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    let plan = try await host.plan(
      Plans.request(job: job, size: size, allocated: 5 * mebibyte, format: format, access: access))
    _ = try await host.prepare(plan)
    return (host, plan)
  }

  @Test(arguments: ["raw", "qcow2"]) func `streamed and read back`(format: String) async throws {
    let export = try Export(image, in: scratch)
    let (host, plan) = try await prepared(format)
    let expected = Images.digest(image)
    var source = TestHost.nbd(export, size: size)
    source.digest = expected
    let disk = try await host.receive(plan, source, digest: true, readBack: true)
    #expect(disk.digest == expected)
    #expect(disk.platformDigest == .init(algorithm: "ascend1", value: expected ?? ""))
    // What is on the disk now is another thing than what was asked before.
    let again = try await TestHost(scratch, job: host.job).receive(plan, source, digest: false)
    #expect(again.digest == nil && again.platformDigest == nil)
  }

  @Test(arguments: ["raw", "qcow2"], [true, false]) func `a file, where it is asked for`(
    format: String, movable: Bool
  ) async throws {
    let file = scratch.file("staged.\(format)")
    try await tool("qemu-img", "convert", "-f", "raw", "-O", format, image, file)
    let (host, plan) = try await prepared(format, access: "file")
    var source = DiskSource(
      kind: "file", location: file, format: format, sizeBytes: size, generation: "g1", movable: movable)
    source.digest = Images.digest(image)
    let disk = try await host.receive(plan, source, digest: true)
    #expect(disk.digest == source.digest)
    #expect(disk.platformDigest == nil)
  }

  @Test func `a file that is moved is not read for nothing`() async throws {
    let file = scratch.file("staged.raw")
    try await tool("cp", image, file)
    let (host, plan) = try await prepared("raw", access: "file")
    let source = DiskSource(
      kind: "file", location: file, format: "raw", sizeBytes: size, generation: "g1", movable: true)
    #expect(try await host.receive(plan, source).digest == nil)
  }

  @Test(arguments: ["nbd", "file"]) func `another content than the host offered is refused`(access: String) async throws
  {
    let export = try Export(image, in: scratch)
    let (host, plan) = try await prepared("raw", access: access)
    var source = TestHost.nbd(export, size: size)
    if access == "file" {
      source = DiskSource(kind: "file", location: image, format: "raw", sizeBytes: size, generation: "g1")
    }
    source.digest = "ascend1:" + String(repeating: "0", count: 64)
    let found = Images.digest(image) ?? ""
    await #expect { try await host.receive(plan, source, digest: true) } throws: {
      let error = $0 as? ConnectorError
      return error?.reason == .dataCorrupt && error?.message.contains(found) == true
        && error?.message.contains("ascend1:0000") == true
    }
  }
}

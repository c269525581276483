import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import ExampleConnector

/// What connectors' tests are made of, with the example for a connector.
@Suite struct TestHostTests {
  private static let size = 5 * Images.mebibyte + 512

  private func request(_ host: TestHost) -> PlanPreflight {
    PlanPreflight(
      job: host.job, name: "vm", machine: MachineDescription(name: "vm", cpu: .init(count: 1), memoryBytes: 1 << 30),
      disks: [0, 1].map { .init(index: $0, sizeBytes: Self.size, format: "raw", access: "nbd", boot: $0 == 0) },
      hardware: Hardware(firmware: .bios, arch: "x86_64", controllers: ["virtio", "virtio"], nicModel: "virtio"))
  }

  @Test func aMachineIsRestoredAndRolledBack() async throws {
    let folder = try Scratch()
    let host = try await TestHost(FolderConnector.self, connection: ["folder": .string(folder.path)])
    let images = try (0..<2).map { index in
      let path = host.work.file("disk\(index).raw")
      try Images.make(path, size: Self.size, data: [(Int64(index), 2)])
      return path
    }
    let exports = try images.map { try Export($0, in: host.work) }
    let (machine, disks, plan) = try await host.restore(request(host), exports, sizes: [Self.size, Self.size])
    #expect(disks.count == 2)
    #expect(folder.names == ["vm~\(host.job)"])
    for (index, image) in images.enumerated() {
      let path = try #require(disks[index].disk.stringValue)
      #expect(try await Images.same(image, path, format: "raw"))
      #expect(Images.digest(path) == Images.digest(image))
    }
    #expect(try await !Images.same(images[0], images[1], format: "raw"))

    // Another process, with nothing but the job.
    let other = try await TestHost(FolderConnector.self, connection: ["folder": .string(folder.path)], job: host.job)
    #expect(try await other.found().map(\.name) == ["vm"])
    #expect(try await other.rollBack() == [.deleted])
    #expect(folder.names == [])

    // Made once more, and kept.
    _ = try await other.prepare(plan, 0)
    let again = try await other.receive(plan, 0, exports[0].source(size: Self.size))
    #expect(again.digest == Images.digest(images[0]))
    #expect(try await other.create(plan, [again, again]) == machine)
    try await other.commit()
    #expect(folder.names == ["vm"])
    #expect(try await other.found() == [])
  }

  @Test func aSourceThatGoesAwayIsSaid() async throws {
    let folder = try Scratch()
    let host = try await TestHost(FolderConnector.self, connection: ["folder": .string(folder.path)])
    let image = host.work.file("disk.raw")
    try Images.make(image, size: Self.size, data: [(0, 5)])
    let export = try Export(image, in: host.work)
    let plan = try await host.plan(request(host))
    _ = try await host.prepare(plan, 0)
    export.end()
    let error = await refusal { try await host.receive(plan, 0, export.source(size: Self.size)) }
    #expect(error?.reason == .sourceUnavailable)
  }

  @Test func aFolderThatIsNotThereOpensNoSession() async {
    let error = await refusal { try await TestHost(FolderConnector.self, connection: ["folder": "/nowhere"]) }
    #expect(error?.reason == .configInvalid)
    #expect(error?.outcome == Outcome.none)
  }
}

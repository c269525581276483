import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite(
  .tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"),
  .enabled(if: Simulator.hasPython, "needs scripts/test-tools"))
struct DatastoreTests {
  static let size = 5 * Images.mebibyte + 1024

  /// Where the simulator keeps a datastore's files.
  private func folder(_ simulator: Simulator, _ datastore: String) async throws -> String {
    try #require(try await simulator.read("datastores")[datastore]?.stringValue)
  }

  @Test(arguments: [false, true]) func flatDisksArriveByteForByte(_ esx: Bool) async throws {
    let simulator = try await Simulator(esx: esx)
    let host = try await TestHost(simulator.connection(["delivery": "datastore", "datastore": "LocalDS_0"]))
    var exports: [Export] = []
    for index in 0..<2 {
      let raw = host.work.file("disk\(index).raw")
      try Images.make(raw, size: Self.size, data: [(Int64(index), 2)])
      exports.append(try Export(raw, in: host.work))
    }
    let sizes = [Self.size, Self.size]
    let request = Requests.request(host.job, name: "flat", sizes: sizes, controllers: [.lsiSAS, .sata], dense: true)
    let (machine, disks, plan) = try await host.restore(request, exports, sizes: sizes)

    let store = try await folder(simulator, "LocalDS_0")
    let seen = try await simulator.read("machine", "flat")
    let files = seen["devices"]?.arrayValue?.compactMap { $0["file"]?.stringValue } ?? []
    #expect(files.count == 2)
    for (index, file) in files.enumerated() {
      let path = store + "/" + (try #require(DatastorePath(file)).path)
      // The simulator moves files as they are; the server rewrites the name of the flat file in the descriptor too.
      #expect(
        try await Images.same(
          host.work.file("disk\(index).raw"), path.replacing(".vmdk", with: "-flat.vmdk"), format: "raw"))
      let space = try FileManager.default.attributesOfItem(atPath: path.replacing(".vmdk", with: "-flat.vmdk"))
      #expect(space[.size] as? Int64 == Self.size)
    }
    // The folder that the disks waited in is gone, and so is everything of the job after rollback.
    #expect(try !FileManager.default.contentsOfDirectory(atPath: store).contains { $0.hasPrefix("ascend-") })
    let again = try await TestHost(simulator.connection(["delivery": "datastore"]), job: host.job)
    #expect(try await again.receive(plan, 0, TestHost.nbd(exports[0], size: Self.size)) == disks[0])
    #expect(try await again.create(plan, disks).id == machine.id)
    #expect(try await host.rollBack() == [.deleted])
    #expect(try await simulator.read("machines").arrayValue?.contains("flat") == false)
  }

  @Test func whatWaitsOnADatastoreIsRolledBack() async throws {
    let simulator = try await Simulator()
    let host = try await TestHost(simulator.connection(["delivery": "datastore", "datastore": "LocalDS_1"]))
    let raw = host.work.file("disk.raw")
    try Images.make(raw, size: Self.size, data: [(0, 2)])
    let export = try Export(raw, in: host.work)
    let plan = try await host.plan(Requests.request(host.job, name: "waiting", sizes: [Self.size], dense: true))
    _ = try await host.receive(plan, 0, TestHost.nbd(export, size: Self.size))
    let store = try await folder(simulator, "LocalDS_1")
    #expect(FileManager.default.fileExists(atPath: store + "/ascend-\(host.job)/disk0-flat.vmdk"))
    #expect(try await Images.same(raw, store + "/ascend-\(host.job)/disk0.vmdk"))
    // A process that knows nothing of it finds it by its name.
    let other = try await TestHost(simulator.connection(["delivery": "datastore"]), job: host.job)
    #expect(try await other.found().map(\.name) == ["[LocalDS_1] ascend-\(host.job)"])
    #expect(try await other.rollBack() == [.deleted])
    #expect(!FileManager.default.fileExists(atPath: store + "/ascend-\(host.job)"))
    #expect(try await other.rollBack() == [])
  }

  @Test func aBrokenUploadLeavesNoHalfDisk() async throws {
    let simulator = try await Simulator()
    let proxy = try await Proxy(simulator)
    let host = try await TestHost(
      simulator.connection(["delivery": "datastore", "datastore": "LocalDS_0"], url: proxy.url))
    let raw = host.work.file("disk.raw")
    try Images.make(raw, size: Self.size, data: [(0, 4)])
    let export = try Export(raw, in: host.work)
    let plan = try await host.plan(Requests.request(host.job, name: "half", sizes: [Self.size], dense: true))
    try await proxy.rules([["match": "/folder/", "skip": 1, "action": "cut", "bytes": 2_000_000]])
    await #expect(throws: ConnectorError.self) {
      try await host.receive(plan, 0, TestHost.nbd(export, size: Self.size))
    }
    let store = try await folder(simulator, "LocalDS_0")
    let left = try FileManager.default.contentsOfDirectory(atPath: store + "/ascend-\(host.job)")
    #expect(left.isEmpty, "\(left)")
    _ = try await host.receive(plan, 0, TestHost.nbd(export, size: Self.size))
    #expect(try await host.rollBack() == [.deleted])
  }
}

import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

@Suite struct MachineStoreTests {
  private let scratch: Scratch
  private let store: MachineStore

  init() throws {
    scratch = try Scratch()
    store = MachineStore(path: scratch.file("machines"))
  }

  private func plan(_ job: JobID, _ name: String = "vm") -> MachinePlan {
    Plans.plan(job: job.rawValue, name: name, folder: store.path)
  }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: store.path)) ?? []).sorted()
  }

  @Test func `a name is taken once, and again by its job`() throws {
    let (job, other) = (Plans.job(), Plans.job())
    let folder = try store.take(plan(job))
    #expect(try store.take(plan(job)) == folder)
    #expect(try MachineMark.read(folder)?.job == job)
    #expect { try store.take(plan(other)) } throws: { ($0 as? ConnectorError)?.reason == .nameTaken }
    #expect(names == ["vm"])
    #expect(try store.find(job).map(\.name) == ["vm"])
    #expect(try store.find(other).isEmpty)
  }

  @Test(arguments: 0..<5) func `of many at once exactly one gets the name, and nothing else is left`(
    round: Int
  ) async throws {
    let jobs = (0..<16).map { _ in Plans.job() }
    let path = store.path
    let winners = await withTaskGroup(of: JobID?.self) { group in
      for job in jobs {
        group.addTask {
          // A store for each: as if each were a process of its own.
          let store = MachineStore(path: path)
          do {
            _ = try store.take(Plans.plan(job: job.rawValue, folder: path))
            return job
          } catch let error as ConnectorError {
            #expect(error.reason == .nameTaken)
          } catch {
            Issue.record("\(error)")
          }
          return nil
        }
      }
      return await group.compactMap { $0 }.reduce(into: []) { $0.append($1) }
    }
    #expect(winners.count == 1)
    #expect(names == ["vm"])
    #expect(try MachineMark.read(store.folder("vm"))?.job == winners.first)
  }

  @Test func `what an interrupted taking left is used, found and removed`() throws {
    let job = Plans.job()
    let claim = store.path + "/" + MachineStore.claimPrefix + job.rawValue
    try FileManager.default.createDirectory(atPath: claim, withIntermediateDirectories: true)
    #expect(try store.find(job).map(\.name) == [MachineStore.claimPrefix + job.rawValue])
    _ = try store.take(plan(job))
    #expect(names == ["vm"])
    try FileManager.default.createDirectory(atPath: claim, withIntermediateDirectories: true)
    #expect(try store.remove(MachineStore.claimPrefix + job.rawValue, of: job).0 == .deleted)
    #expect(names == ["vm"])
  }

  @Test func `what an interrupted removal left is found and removed`() throws {
    let job = Plans.job()
    let folder = try store.take(plan(job))
    let trash = store.path + "/" + MachineStore.trashPrefix + job.rawValue
    try FileManager.default.moveItem(atPath: folder.path, toPath: trash)
    #expect(try store.find(job).count == 1)
    #expect(try store.remove("vm", of: job).0 == .deleted)
    #expect(try store.remove("vm", of: job).0 == .absent)
    #expect(names.isEmpty)
  }

  @Test func `only what bears the job's mark is removed`() throws {
    let (job, other) = (Plans.job(), Plans.job())
    _ = try store.take(plan(other))
    try FileManager.default.createDirectory(atPath: store.path + "/mine", withIntermediateDirectories: true)
    #expect(try store.remove("vm", of: job).0 == .foreign)
    #expect(try store.remove("mine", of: job).0 == .foreign)
    #expect(try store.remove("../machines", of: job).0 == .foreign)
    #expect(try store.remove(MachineStore.trashPrefix + other.rawValue, of: job).0 == .foreign)
    #expect(names == ["mine", "vm"])
  }

  @Test func `a finished machine is its owner's`() throws {
    let job = Plans.job()
    _ = try store.take(plan(job))
    try store.update("vm", by: job) { $0.committed = true }
    #expect(try store.find(job).isEmpty)
    #expect(try store.remove("vm", of: job).0 == .foreign)
    #expect { try store.take(plan(job)) } throws: { ($0 as? ConnectorError)?.reason == .nameTaken }
  }

  @Test func `removal follows no symbolic link`() throws {
    let job = Plans.job()
    let folder = try store.take(plan(job))
    let precious = scratch.file("precious")
    try FileManager.default.createDirectory(atPath: precious, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(filePath: precious + "/file"))
    for link in ["link", ".transfer"] {
      try FileManager.default.createSymbolicLink(atPath: folder.file(link), withDestinationPath: precious)
    }
    #expect(try store.remove("vm", of: job).0 == .deleted)
    #expect(FileManager.default.fileExists(atPath: precious + "/file"))
  }

  @Test func `a link in place of a machine is not one`() throws {
    let job = Plans.job()
    let folder = try store.take(plan(job))
    let elsewhere = scratch.file("elsewhere")
    try FileManager.default.moveItem(atPath: folder.path, toPath: elsewhere)
    try FileManager.default.createSymbolicLink(atPath: folder.path, withDestinationPath: elsewhere)
    #expect(try store.remove("vm", of: job).0 == .foreign)
    #expect(FileManager.default.fileExists(atPath: elsewhere + "/ascend.json"))
  }
}

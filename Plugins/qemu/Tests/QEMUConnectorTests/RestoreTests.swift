import ConnectorDisk
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

/// Whole restores of disks without a guest, through a conversation.
@Suite struct RestoreTests {
  private let scratch: Scratch
  private let image: String
  private let size = 64 * mebibyte

  init() throws {
    scratch = try Scratch()
    image = scratch.file("source.raw")
    try Images.make(image, size: size, data: [(1, 2), (40, 1), (63, 1)])
  }

  @Test(arguments: ["raw", "qcow2"]) func `streamed, made, again the same, rolled back`(format: String) async throws {
    let export = try Export(image, in: scratch)
    let job = Plans.job()
    let request = Plans.request(job: job, size: size, allocated: 4 * mebibyte, format: format)
    let first = try await TestHost(scratch, job: job)
    let plan = try await first.plan(request)
    let target = try await first.prepare(plan)
    #expect(target.ingest.want == "nbd")
    let source = TestHost.nbd(export, size: size)
    let disk = try await first.receive(plan, source)
    #expect(disk.bytesRead + disk.bytesSkipped == size)
    #expect(disk.bytesSkipped >= 56 * mebibyte)
    let machine = try await first.create(plan, disk.disk)
    #expect(await first.harness.end(shutdown: true) == 0)

    // Another process gets the same answers, and touches nothing.
    let second = try await TestHost(scratch, job: job)
    #expect(try await second.plan(request) == plan)
    #expect(try await second.prepare(plan) == target)
    #expect(try await second.receive(plan, source) == disk)
    #expect(try await second.create(plan, disk.disk) == machine)
    let folder = MachineFolder(path: second.machines + "/vm")
    #expect(try await Images.same(image, "raw", folder.file("disk0.\(format)"), format))
    #expect(Images.allocated(folder.file("disk0.\(format)")) < 8 * mebibyte)
    #expect(try await tool("virt-xml-validate", folder.domain, "domain").exit == .code(0))

    let events = try first.harness.notifications(LedgerNotification.self).map(\.event)
    #expect(events == [.intend, .created])
    #expect(try await second.found() == ["vm"])
    #expect(try await second.rollBack() == [.deleted])
    #expect(try await second.found().isEmpty)
    #expect(scratch.names(in: "machines").isEmpty)
  }

  @Test(arguments: ["raw", "qcow2"]) func `taken up at its checkpoint by another process`(format: String) async throws {
    let big: Int64 = 560 * mebibyte
    try Images.make(image, size: big, data: [(0, 1), (300, 24), (500, 60)])
    let job = Plans.job()
    let first = try await TestHost(scratch, job: job)
    let plan = try await first.plan(Plans.request(job: job, size: big, allocated: 85 * mebibyte, format: format))
    _ = try await first.prepare(plan)
    let slow = try Export(image, in: scratch, bytesPerSecond: 16 << 20)
    let id = try first.harness.send(
      ConnectorHarness.operation(first.receiving(plan, TestHost.nbd(slow, size: big))))
    // In the middle of the second piece of data.
    _ = try await first.harness.message(within: 60) { message in
      message.method == ProgressNotification.method && (message.params?["done"]?.integerValue ?? 0) > 310 * mebibyte
    }
    try first.harness.cancel(id)
    let answer = try await first.harness.message(within: 60) { $0.id == id }
    #expect(answer.error?.reason == .cancelled)
    let checkpoint = try #require(try first.harness.notifications(CheckpointNotification.self).last)
    #expect(checkpoint.through >= 300 * mebibyte && checkpoint.through < big)
    #expect(answer.error?.checkpoint == checkpoint.token)

    let second = try await TestHost(scratch, job: job)
    let fast = try Export(image, in: scratch)
    let changed = TestHost.nbd(fast, size: big, generation: "g2")
    await #expect { try await second.receive(plan, changed, checkpoint: checkpoint.token) } throws: {
      ($0 as? ConnectorError)?.reason == .sourceChanged
    }
    await #expect { try await second.receive(plan, changed, checkpoint: "nonsense") } throws: {
      ($0 as? ConnectorError)?.reason == .staleCheckpoint
    }
    let disk = try await second.receive(plan, TestHost.nbd(fast, size: big), checkpoint: checkpoint.token)
    #expect(disk.bytesRead + disk.bytesSkipped == big)
    #expect((85 * mebibyte...86 * mebibyte).contains(disk.bytesRead), "both attempts count")
    let progress = try second.harness.notifications(ProgressNotification.self).filter { $0.phase == "receive" }
    #expect(progress.first.map { $0.done >= checkpoint.through } == true)
    #expect(try await Images.same(image, "raw", second.machines + "/vm/disk0.\(format)", format))
    #expect(disk.digest == Images.digest(image), "the digest went on where the first process left it")
    #expect(try await second.rollBack() == [.deleted])
  }

  @Test func `a checkpoint whose disk is gone is stale`() async throws {
    let export = try Export(image, in: scratch)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    let plan = try await host.plan(Plans.request(job: job, size: size))
    _ = try await host.prepare(plan)
    let token = TransferCheckpoint(generation: "g1", through: mebibyte).token
    await #expect { try await host.receive(plan, TestHost.nbd(export, size: size), checkpoint: token) } throws: {
      ($0 as? ConnectorError)?.reason == .staleCheckpoint
    }
  }

  @Test(arguments: ["raw", "qcow2"], [true, false]) func `from a file, moved or copied`(
    format: String, movable: Bool
  ) async throws {
    let file = scratch.file("staged.\(format)")
    try await tool("qemu-img", "convert", "-f", "raw", "-O", format, image, file)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    let plan = try await host.plan(Plans.request(job: job, size: size, format: format, access: "file"))
    _ = try await host.prepare(plan)
    let source = DiskSource(
      kind: "file", location: file, format: format, sizeBytes: size, generation: "g1", movable: movable)
    let disk = try await host.receive(plan, source)
    #expect(FileManager.default.fileExists(atPath: file) == !movable)
    #expect(try await Images.same(image, "raw", host.machines + "/vm/disk0.\(format)", format))
    #expect(Images.allocated(host.machines + "/vm/disk0.\(format)") < 8 * mebibyte)
    #expect(try await TestHost(scratch, job: job).receive(plan, source) == disk)
    _ = try await host.create(plan, disk.disk)
  }

  @Test func `an image that points to another file is refused`() async throws {
    let file = scratch.file("staged.qcow2")
    try await tool("qemu-img", "create", "-f", "qcow2", "-b", image, "-F", "raw", file)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    let plan = try await host.plan(Plans.request(job: job, size: size, format: "qcow2", access: "file"))
    _ = try await host.prepare(plan)
    let source = DiskSource(kind: "file", location: file, format: "qcow2", sizeBytes: size, generation: "g1")
    await #expect { try await host.receive(plan, source) } throws: {
      ($0 as? ConnectorError)?.reason == .dataCorrupt
    }
  }

  @Test(.enabled(if: geteuid() == 0, "a small file system can be mounted only by root"), arguments: ["raw", "qcow2"])
  func `a full disk is said, and nothing is left after the rollback`(format: String) async throws {
    let small = scratch.file("small")
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
    let mount = try await tool("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small)
    try #require(mount.exit == .code(0), "\(mount.errors)")
    let export = try Export(image, in: scratch)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job, machines: small + "/machines")
    // The host did not know how much there is.
    let plan = try await host.plan(Plans.request(job: job, size: size, allocated: 0, format: format))
    _ = try await host.prepare(plan)
    await #expect { try await host.receive(plan, TestHost.nbd(export, size: size)) } throws: {
      let error = $0 as? ConnectorError
      return error?.reason == .capacityExhausted && error?.remedy?.isEmpty == false
    }
    #expect(try await host.rollBack() == [.deleted])
    #expect(scratch.names(in: "small/machines").isEmpty)
    try await tool("umount", small)
  }

  @Test func `two restores to one name at once: one wins, the other leaves nothing`() async throws {
    let jobs = [Plans.job(), Plans.job()]
    var hosts: [TestHost] = []
    var plans: [PlanPreflight.Plan] = []
    for job in jobs {
      hosts.append(try await TestHost(scratch, job: job))
      plans.append(try await hosts[hosts.count - 1].plan(Plans.request(job: job, size: size)))
    }
    let pairs = Array(zip(hosts, plans))
    let errors = await withTaskGroup(of: (any Error)?.self) { group in
      for (host, plan) in pairs {
        group.addTask {
          do {
            _ = try await host.prepare(plan)
            return nil
          } catch { return error }
        }
      }
      return await group.reduce(into: [(any Error)?]()) { $0.append($1) }
    }
    let failures = errors.compactMap { $0 as? ConnectorError }
    #expect(failures.map(\.reason) == [.nameTaken])
    #expect(scratch.names(in: "machines") == ["vm"])
    var found = 0
    for host in hosts { found += try await host.found().count }
    #expect(found == 1)
    // The loser is told so by every later step too.
    for (host, plan) in pairs where try await host.found().isEmpty {
      await #expect { try await host.create(plan, [:]) } throws: { ($0 as? ConnectorError)?.reason == .nameTaken }
      let abandoned = try host.harness.notifications(LedgerNotification.self).map(\.event)
      #expect(abandoned.isEmpty || abandoned == [.intend, .abandoned])
    }
  }

  @Test func `power on, off and a rollback of what runs`() async throws {
    let export = try Export(image, in: scratch)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    let plan = try await host.plan(Plans.request(job: job, size: size))
    _ = try await host.prepare(plan)
    let disk = try await host.receive(plan, TestHost.nbd(export, size: size))
    let machine = try await host.create(plan, disk.disk)
    #expect(try await host.power(machine, .on) == .on)
    #expect(try await host.power(machine, .on) == .on)
    #expect(await host.harness.end(shutdown: true) == 0)

    let later = try await TestHost(scratch, job: job)
    let results = try await later.verify(machine, ["powered", "screenshot", "telepathy"])
    #expect(results.map(\.pass) == [true, true, false])
    #expect(results[1].evidence.map { FileManager.default.fileExists(atPath: $0) } == true)
    let stranger = try await TestHost(scratch, job: Plans.job())
    await #expect(throws: ConnectorError.self) { try await stranger.power(machine, .off) }
    #expect(try await stranger.delete([MachineStore(path: later.machines).resource("vm")]) == [.foreign])
    #expect(try await later.power(machine, .off) == .off)
    #expect(try await later.power(machine, .off) == .off)
    #expect(try await later.verify(machine, ["powered"]).map(\.pass) == [false])
    #expect(try await later.power(machine, .on) == .on)
    let folder = MachineFolder(path: later.machines + "/vm")
    let process = try #require(MachineProcess.find(folder))
    #expect(try await later.rollBack() == [.deleted])
    #expect(!process.isRunning)
    #expect(try await later.rollBack().isEmpty)
  }

  @Test func `a finished job keeps its machine`() async throws {
    let export = try Export(image, in: scratch)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    let plan = try await host.plan(Plans.request(job: job, size: size))
    _ = try await host.prepare(plan)
    let disk = try await host.receive(plan, TestHost.nbd(export, size: size))
    _ = try await host.create(plan, disk.disk)
    let resources = try await host.harness.request(ResourcesFind(job: job)).resources
    let committed = try await host.change(JobCommit(op: TestHost.op, job: job, resources: resources))
    #expect(committed.kept == resources && committed.removed.isEmpty)
    #expect(try await host.found().isEmpty)
    #expect(try await host.delete(resources) == [.foreign])
    #expect(
      scratch.names(in: "machines/vm") == ["ascend.json", "disk0.raw", "machine.xml", "run"])
  }
}

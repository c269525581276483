import Backups
import ConnectorProtocol
import Connectors
import Foundation
import Logging
import Planning
import Support
import Testing

@testable import Restore

/// A machine that a job made on a platform of the tests, committed and completed.
final class PromotionFixture {
  let folder = "/tmp/ascend-promotion-\(UUID().uuidString.prefix(8))"
  let engine: RestoreEngine
  let job: String
  let machine: MachineReference
  static let safe = MachineHardware(controllers: ["sata"], nicModel: "e1000")
  static let fast = MachineHardware(controllers: ["virtio"], nicModel: "virtio-net")

  /// - Parameters:
  ///   - fault: What the connector does wrong, in its own words.
  ///   - announced: False takes `machine/promote` out of its document.
  init(running: Bool = true, fault: String? = nil, announced: Bool = true) async throws {
    let files = FileManager.default
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    let connectors = folder + "/connectors"
    try files.createDirectory(
      atPath: connectors, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let installed = connectors + "/rogue"
    try files.copyItem(atPath: root + "/Fixtures/rogue-connector", toPath: installed)
    let document = installed + "/connector.json"
    var text = try String(contentsOfFile: document, encoding: .utf8)
    if !announced { text = text.replacing(#", "machine/promote""#, with: "") }
    if let fault {
      text = text.replacing(#""executable": "rogue""#, with: #""executable": "start""#)
      try "#!/bin/sh\nexec \(installed)/rogue --fault \(fault) \"$@\"\n"
        .write(toFile: installed + "/start", atomically: true, encoding: .utf8)
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: installed + "/start")
    }
    try text.write(toFile: document, atomically: true, encoding: .utf8)

    let state = try StateDirectory(path: folder + "/state")
    let store = try Store(path: state.database)
    engine = RestoreEngine(
      store: store, state: state, connectors: ConnectorDirectory(searchPath: [connectors]),
      logger: Logger(label: "test"))
    let description = MachineDescription(
      name: "vm", cpu: .init(count: 1), memoryBytes: 1 << 30,
      nics: [MachineDescription.NIC(index: 0, network: "office")])
    let backup = try store.addBackup(
      Backup(
        name: "vm", platform: "elsewhere", kind: "manifest", path: "/backups/vm", machine: description, disks: []),
      fingerprint: "f")
    let target = TargetRecord(
      id: TimeOrderedUUID.make(), name: "here", platform: "rogue", config: [:], secretNames: [], createdAt: Date())
    try store.addTarget(target)
    let submitted = try engine.submit(backup: backup, target: target, options: RestoreOptions())
    job = submitted.id
    let (made, plan) = try await Self.make(submitted, description, engine, target, running: running)
    machine = made
    try store.updateStep(.create, of: job) {
      $0.status = .completed
      $0.metadata = (try? JSONValue.encoding(CreateStep.Outcome(machine: made, ignored: []))) ?? [:]
    }
    try store.updateJob(job) {
      $0.plan = plan
      $0.status = .completed
      $0.bytesDone = 7
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Makes the machine through a conversation, and the plan that goes with it.
  private static func make(
    _ job: RestoreJob, _ description: MachineDescription, _ engine: RestoreEngine, _ target: TargetRecord, running: Bool
  ) async throws -> (MachineReference, RestorePlan) {
    let board = JobBoard(job: job.id, store: engine.store, observer: SilentObserver())
    let hardware = Hardware(
      firmware: .bios, arch: "x86_64", controllers: safe.controllers, nicModel: safe.nicModel)
    return try await engine.withSession(
      target: target, installation: engine.connectors.find("rogue"), workFolder: engine.state.jobFolder(job.id) + "/c",
      job: job.jobID, events: board
    ) { session in
      let operations = OperationRunner(job: job.id, store: engine.store, session: session, board: board)
      let answer = try await session.call(
        PlanPreflight(
          job: job.jobID, name: "vm", machine: description,
          disks: [.init(index: 0, sizeBytes: 1 << 20, format: "raw", access: "nbd", boot: true)],
          hardware: hardware, mapping: Mapping()))
      _ = try await operations.perform("disk/prepare 0") { operation, _ in
        DiskPrepare(op: operation, job: job.jobID, plan: answer.plan, index: 0)
      }
      let machine = try await operations.perform("machine/create") { operation, _ in
        MachineCreate(op: operation, job: job.jobID, plan: answer.plan, disks: [["disk": "d"]])
      }.machine
      if running {
        _ = try await operations.perform("machine/power on") { operation, _ in
          MachinePower(op: operation, job: job.jobID, machine: machine, state: .on)
        }
      }
      _ = try await operations.perform("job/commit") { operation, _ in
        JobCommit(op: operation, job: job.jobID, resources: answer.resources)
      }
      var plan = RestorePlan(
        backup: .init(id: "b", name: "vm", platform: "elsewhere"), target: .init(name: "here", platform: "rogue"),
        machineName: "vm", cpuCount: 1, memoryBytes: 1 << 30, hardware: hardware, disks: [],
        preparation: .init(mode: .auto, planned: true, needs: session.document.drivers, reason: "tests"),
        estimate: .init(secondsLow: 0, secondsHigh: 0, bytesToMove: 0, stagingBytes: 0), connectorPlan: answer.plan)
      plan.guest = GuestFacts(understood: true, family: "linux")
      plan.promotable = Promotable(controller: "virtio", nicModel: "virtio-net")
      return (machine, plan)
    }
  }

  func promote(_ wish: PromotionWish = PromotionWish(), start: Bool = true) async throws -> PromotionReport {
    try await engine.promote(job, wish, start: start, observer: SilentObserver())
  }

  /// The machine as the platform has it.
  func seen() throws -> (hardware: MachineHardware?, power: String?) {
    let file = engine.state.targetFolder("here") + "/platform/resources/machine--\(machine.name).json"
    let value = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    return (try value["hardware"]?.decode(MachineHardware.self), value["power"]?.stringValue)
  }

  func refusal(_ wish: PromotionWish = PromotionWish()) async -> AscendError? {
    do {
      Issue.record("promoted: \(try await promote(wish))")
      return nil
    } catch { return error as? AscendError }
  }
}

@Suite struct PromotionTests {
  @Test func aMachineThatRunsIsMovedAndRunsAgain() async throws {
    let fixture = try await PromotionFixture()
    let there = try await fixture.promote()
    #expect(there.changed && there.running)
    #expect(there.previous == PromotionFixture.safe && there.hardware == PromotionFixture.fast)
    #expect(there.checks.map(\.kind) == ["powered"] && there.checks.allSatisfy(\.pass))
    #expect(try fixture.seen() == (PromotionFixture.fast, "on"))

    let job = try fixture.engine.store.job(fixture.job)
    #expect(job.status == .completed && job.bytesDone == 7)
    #expect(job.hardware == PromotionFixture.fast)
    let report = try JobReport(job: job, store: fixture.engine.store)
    #expect(report.hardware == PromotionFixture.fast)
    #expect(report.text.contains("hardware  virtio, virtio-net; made with sata, e1000"))
    let told = try fixture.engine.store.events(of: job.id).filter { $0.kind == "hardware" }.map(\.message)
    #expect(told.contains("The machine has virtio, virtio-net now; it had sata, e1000"))
    #expect(report.warnings.isEmpty)

    #expect(await fixture.refusal()?.code == "promote.nothing")
    let back = try await fixture.promote(PromotionWish(back: true))
    #expect(back.changed && back.hardware == PromotionFixture.safe)
    #expect(try fixture.seen() == (PromotionFixture.safe, "on"))
    let shown = try JobReport(job: fixture.engine.store.job(fixture.job), store: fixture.engine.store).text
    #expect(shown.contains("hardware  sata, e1000; can be moved to virtio, virtio-net"))
  }

  @Test func aMachineThatIsOffStaysOff() async throws {
    let fixture = try await PromotionFixture(running: false)
    let report = try await fixture.promote(PromotionWish(controller: "virtio"))
    #expect(report.changed && !report.running && report.checks.isEmpty)
    #expect(try fixture.seen().power == nil)
    #expect(try fixture.seen().hardware == MachineHardware(controllers: ["virtio"], nicModel: "e1000"))
  }

  @Test func aMachineThatRunsStaysOffWhereThatIsAskedFor() async throws {
    let fixture = try await PromotionFixture()
    #expect(try await fixture.promote(start: false).running == false)
    #expect(try fixture.seen() == (PromotionFixture.fast, "off"))
  }

  /// The host was killed before it wrote down what the connector had done.
  @Test func whatWasDoneAndNotWrittenDownIsFoundDone() async throws {
    let fixture = try await PromotionFixture()
    _ = try await fixture.promote()
    try fixture.engine.store.updateJob(fixture.job) { $0.hardware = nil }
    let again = try await fixture.promote()
    #expect(!again.changed && again.running)
    #expect(try fixture.engine.store.job(fixture.job).hardware == PromotionFixture.fast)
  }

  @Test func aFailureLeavesTheMachineRunningAsItWas() async throws {
    let fixture = try await PromotionFixture(fault: "forgets-after-commit")
    #expect(await fixture.refusal()?.code == "connector.notFound")
    #expect(try fixture.seen() == (nil, "on"))
    #expect(try fixture.engine.store.job(fixture.job).hardware == nil)
    #expect(try fixture.engine.store.events(of: fixture.job).contains { $0.kind == "hardware" && $0.level == .error })
  }

  @Test func aConnectorThatCannotIsNotAsked() async throws {
    let fixture = try await PromotionFixture(announced: false)
    let error = await fixture.refusal()
    #expect(error?.code == "promote.unsupported" && error?.remedy?.isEmpty == false)
    #expect(try fixture.seen().power == "on")
  }

  @Test(arguments: [
    (RestoreJob.Status.pending, "promote.notCompleted"), (.failed, "promote.notCompleted"),
    (.rolledBack, "promote.rolledBack"), (.cancelled, "promote.rolledBack"),
  ]) func onlyWhatIsThereIsChanged(_ status: RestoreJob.Status, _ code: String) async throws {
    let fixture = try await PromotionFixture()
    try fixture.engine.store.updateJob(fixture.job) { $0.status = status }
    let error = await fixture.refusal()
    #expect(error?.code.rawValue == code && error?.remedy?.isEmpty == false)
  }
}

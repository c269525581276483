import Backups
import ConnectorProtocol
import Foundation
import GRDB
import Guests
import Support
import Testing

@testable import Restore

/// A store in a folder of its own, with a backup, a target and a job in it.
final class StoreFixture {
  let folder = NSTemporaryDirectory() + "store-\(UUID().uuidString)"
  let store: Store
  let job: RestoreJob

  init() throws {
    store = try Store(path: StateDirectory(path: folder).database)
    let machine = MachineDescription(name: "vm", cpu: .init(count: 1), memoryBytes: 1 << 30)
    let backup = try store.addBackup(
      Backup(
        name: "vm", platform: "elsewhere", kind: "manifest", path: "/backups/vm", machine: machine, disks: []),
      fingerprint: "f")
    let target = TargetRecord(
      id: TimeOrderedUUID.make(), name: "here", platform: "p", config: [:], secretNames: [], createdAt: Date())
    try store.addTarget(target)
    job = RestoreJob(
      id: TimeOrderedUUID.make(), backupJobID: backup.id, targetID: target.id, sourcePlatform: "elsewhere",
      targetPlatform: "p", restoreType: "full_vm", status: .pending, targetConfig: [:], options: RestoreOptions(),
      plan: nil, progressPercent: 0, bytesDone: 0, bytesTotal: 0, estimatedCompletion: nil, errorMessage: nil,
      error: nil, targetVMID: nil, targetVMName: nil, cancelRequested: false, attempt: 0, createdAt: Date(),
      startedAt: nil, completedAt: nil)
    try store.addJob(job)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func note(_ event: LedgerNotification.Event, _ name: String, remote: String? = nil, seq: Int64 = 1) throws {
    try store.recordLedger(
      job: job.id,
      LedgerNotification(
        seq: seq, op: OperationID("op"), event: event, resource: Resource(kind: "machine", name: name, remoteID: remote)
      ))
  }
}

@Suite struct StoreTests {
  @Test func aJobComesBackAsItWas() throws {
    let fixture = try StoreFixture()
    try fixture.store.updateJob(fixture.job.id) {
      $0.status = .failed
      $0.error = AscendError("x.y", "What", object: "on", cause: "why", remedy: "next")
      $0.options.mapping.networks = ["a": "b"]
      $0.options.keys = [DiskKeyReference(volume: "/dev/sda2", path: "/keys/a"), DiskKeyReference(path: "-")]
      $0.options.initramfs = .rebuild
    }
    let job = try fixture.store.job(fixture.job.id)
    #expect(job.error == AscendError("x.y", "What", object: "on", cause: "why", remedy: "next"))
    #expect(job.options.mapping.networks == ["a": "b"])
    #expect(job.options.keys?.map(\.path) == ["/keys/a", "-"] && job.options.keys?.first?.volume == "/dev/sda2")
    #expect(job.options.initramfs == .rebuild && job.options.removesAgents == nil)
    #expect(abs(job.createdAt.timeIntervalSince(fixture.job.createdAt)) < 0.002)
    #expect(try fixture.store.steps(of: job.id).map(\.stepName) == RestoreStep.Name.allCases)
  }

  @Test func theTablesHaveTheirPublishedColumns() throws {
    let fixture = try StoreFixture()
    let columns = try fixture.store.read { db in try db.columns(in: "restore_jobs").map(\.name) }
    for column in [
      "id", "backup_job_id", "source_platform", "target_platform", "restore_type", "status", "target_config",
      "progress_percent", "estimated_completion", "error_message", "target_vm_id", "target_vm_name", "created_at",
      "started_at", "completed_at",
    ] {
      #expect(columns.contains(column))
    }
  }

  @Test func aBackupAddedAgainKeepsItsID() throws {
    let fixture = try StoreFixture()
    let first = try #require(try fixture.store.backups().first)
    try fixture.store.rememberGuest(GuestFacts(understood: true), of: first.id)
    #expect(try fixture.store.addBackup(first.backup, fingerprint: "f").guest != nil)
    // Other files: what was found in the old ones is worth nothing.
    let again = try fixture.store.addBackup(first.backup, fingerprint: "g")
    #expect(again.id == first.id)
    #expect(again.guest == nil)
    #expect(try fixture.store.backups().count == 1)
  }

  @Test func whatWasFoundIsKnownByTheDisksAndTheDrivers() throws {
    let fixture = try StoreFixture()
    let backup = try #require(try fixture.store.backups().first)
    let keys = InspectionKey.all(backup, fingerprint: "f", drivers: ["nvme"])
    #expect(keys == InspectionKey.all(backup, fingerprint: "f", drivers: ["nvme"]))
    #expect(keys != InspectionKey.all(backup, fingerprint: "g", drivers: ["nvme"]))
    #expect(keys != InspectionKey.all(backup, fingerprint: "f", drivers: ["nvme", "ena"]))
    #expect(try fixture.store.inspection(keys) == nil)
    let facts = GuestFacts(understood: true, family: "linux")
    try fixture.store.rememberInspection(keys, facts)
    // A second key for the same, as when the disks' digests become known, and then that one alone.
    #expect(try fixture.store.inspection(keys + ["content"]) == facts)
    #expect(try fixture.store.inspection(["content"]) == facts)
    #expect(try fixture.store.inspection(["other"]) == nil)
  }

  @Test func namesFindRecordsAndWrongOnesAreErrors() throws {
    let fixture = try StoreFixture()
    let id = try #require(try fixture.store.backups().first?.id)
    #expect(try fixture.store.backup("vm").id == id)
    #expect(try fixture.store.backup("/backups/vm").id == id)
    #expect(try fixture.store.backup(String(id.suffix(8))).id == id)
    #expect(throws: AscendError.self) { try fixture.store.backup("nothing") }
    #expect {
      try fixture.store.target("there")
    } throws: { error in
      (error as? AscendError)?.code == "target.unknown" && (error as? AscendError)?.cause?.contains("here") == true
    }
  }

  @Test func whatAJobNeedsIsNotRemoved() throws {
    let fixture = try StoreFixture()
    let backup = try fixture.store.backup("vm")
    let target = try fixture.store.target("here")
    #expect(throws: AscendError.self) { try fixture.store.removeBackup(backup) }
    #expect(throws: AscendError.self) { try fixture.store.removeTarget(target) }
    try fixture.store.updateJob(fixture.job.id) { $0.status = .completed }
    try fixture.store.removeTarget(target)
    try fixture.store.removeBackup(backup)
    #expect(try fixture.store.jobs().isEmpty)
  }

  @Test func anOperationKeepsItsIDWhileItsParametersStay() throws {
    let fixture = try StoreFixture()
    let store = fixture.store
    let first = try store.beginOperation(job: fixture.job.id, name: "disk/receive 0", method: "m", digest: "d")
    let second = try store.beginOperation(job: fixture.job.id, name: "disk/receive 0", method: "m", digest: "d")
    #expect(second.id == first.id)
    #expect(second.attempt == 2)
    let other = try store.beginOperation(job: fixture.job.id, name: "disk/receive 0", method: "m", digest: "e")
    #expect(other.id != first.id)
    try store.finishOperation(other.id, result: ["done": true])
    let finished = try store.beginOperation(job: fixture.job.id, name: "disk/receive 0", method: "m", digest: "e")
    #expect(finished.result == ["done": true])
    #expect(finished.attempt == 1)
  }

  @Test func theNewestTwoCheckpointsAreKept() throws {
    let fixture = try StoreFixture()
    let store = fixture.store
    var operation = try store.beginOperation(job: fixture.job.id, name: "r", method: "m", digest: "d")
    for seq in Int64(1)...5 {
      try store.addCheckpoint(
        CheckpointNotification(op: OperationID(operation.id), seq: seq, token: "t\(seq)", through: seq * 10))
    }
    #expect(try store.newestCheckpoint(of: operation.id)?.token == "t5")
    let count = try store.read { try CheckpointRecord.fetchCount($0) }
    #expect(count == 2)
    // A new process counts from 1 again; its first checkpoint is newer all the same.
    operation = try store.beginOperation(job: fixture.job.id, name: "r", method: "m", digest: "d")
    try store.addCheckpoint(
      CheckpointNotification(op: OperationID(operation.id), seq: 1, token: "later", through: 60))
    #expect(try store.newestCheckpoint(of: operation.id)?.token == "later")
  }
}

@Suite struct LedgerTests {
  @Test func intentThenExistence() throws {
    let fixture = try StoreFixture()
    try fixture.note(.intend, "vm")
    #expect(try fixture.store.ledger(of: fixture.job.id).map(\.state) == [.intended])
    try fixture.note(.created, "vm", remote: "id-1")
    let line = try #require(try fixture.store.ledger(of: fixture.job.id).first)
    #expect(line.state == .created)
    #expect(line.remoteID == "id-1")
  }

  @Test func aRepeatedIntentDoesNotForgetThatItExists() throws {
    let fixture = try StoreFixture()
    try fixture.note(.intend, "vm")
    try fixture.note(.created, "vm", remote: "id-1")
    try fixture.note(.intend, "vm")
    let line = try #require(try fixture.store.ledger(of: fixture.job.id).first)
    #expect(line.state == .created)
    #expect(line.remoteID == "id-1")
    #expect(line.resource.remoteID == "id-1")
  }

  @Test(arguments: [
    (LedgerNotification.Event.abandoned, LedgerRecord.State.abandoned), (.deleted, .deleted),
  ])
  func theEndOfALine(_ event: LedgerNotification.Event, _ state: LedgerRecord.State) throws {
    let fixture = try StoreFixture()
    try fixture.note(.intend, "vm")
    try fixture.note(event, "vm")
    let line = try #require(try fixture.store.ledger(of: fixture.job.id).first)
    #expect(line.state == state)
    #expect(!line.state.mayExist)
  }

  @Test func whatWasNeverAnnouncedLeavesNoLineByGoing() throws {
    let fixture = try StoreFixture()
    try fixture.note(.deleted, "vm")
    #expect(try fixture.store.ledger(of: fixture.job.id).isEmpty)
  }

  @Test func anUnknownEventChangesNoState() throws {
    let fixture = try StoreFixture()
    try fixture.note(.created, "vm")
    try fixture.note("paused", "vm")
    #expect(try fixture.store.ledger(of: fixture.job.id).map(\.state) == [.created])
  }

  @Test func aWrittenLineIsThereForAnotherProcess() throws {
    let fixture = try StoreFixture()
    try fixture.note(.intend, "vm")
    let other = try Store(path: fixture.folder + "/ascend.db")
    #expect(try other.ledger(of: fixture.job.id).count == 1)
  }
}

@Suite struct JobLockTests {
  @Test func oneDriverAtATime() throws {
    let folder = NSTemporaryDirectory() + "lock-\(UUID().uuidString)"
    try StateDirectory.makePrivate(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(!JobLock.isHeld(folder: folder))
    let lock = try JobLock(folder: folder, job: "j")
    #expect(JobLock.isHeld(folder: folder))
    #expect {
      _ = try JobLock(folder: folder, job: "j")
    } throws: { error in
      (error as? AscendError)?.code == "job.running"
    }
    withExtendedLifetime(lock) {}
  }
}

import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation

/// Disks that RunInstances does not bring along: made by themselves, and attached to the instance once it is there.
///
/// They are made before the instance, so that what is lacking for them is known before that, and go after it.
struct DataDisks: Sendable {
  private static let minutes = 20
  /// Volumes of one disk and job that somebody may have removed.
  private static let mostTurns = 20

  var ec2: EC2
  var plan: MachinePlan

  private var store: VolumeStore { VolumeStore(ec2: ec2) }
  private var disks: [MachinePlan.Disk] { plan.attachesDataDisks ? plan.dataDisks : [] }

  // MARK: Making

  /// The volumes by disk index; none where the same call brings them.
  func make(_ snapshots: [Int: String], _ operation: OperationContext) async throws -> [Int: String] {
    guard !disks.isEmpty else { return [:] }
    let there = try await Failure.translating("Looking for volumes", outcome: .none) {
      try await store.all(of: plan.job)
    }
    var volumes: [Int: String] = [:]
    for disk in disks {
      volumes[disk.index] = try await operation.creating(Resources(plan: plan).volume(disk.index)) {
        if let volume = there.first(where: { $0.disk == disk.index && $0.state != "error" }) {
          return (volume.id, remoteID: volume.id)
        }
        let before = there.filter { $0.disk == disk.index }.count
        let id = try await Failure.translating("Making a volume for disk \(disk.index)") {
          try await create(disk, snapshots[disk.index], turn: before)
        }
        return (id, remoteID: id)
      }
    }
    for (index, id) in volumes.sorted(by: { $0.key < $1.key }) {
      try await Failure.translating("Making a volume for disk \(index)", outcome: .partial) { try await settle(id) }
    }
    return volumes
  }

  /// - Parameter turn: Each volume of a disk has its own token. Those that were removed are not counted any more: one
  ///   whose token gives a volume that is gone, or was spent on other parameters, is passed over.
  private func create(_ disk: MachinePlan.Disk, _ snapshot: String?, turn first: Int) async throws -> String {
    for turn in first..<(first + Self.mostTurns) {
      do {
        let (id, made) = try await createOnce(disk, snapshot, turn)
        if try await ec2.described(since: made, { try await store.look(id) }) != nil { return id }
      } catch let error as AWSError where error.code == "IdempotentParameterMismatch" {}
    }
    throw Failure.turnsSpent("volumes of disk \(disk.index)", Self.mostTurns)
  }

  private func createOnce(
    _ disk: MachinePlan.Disk, _ snapshot: String?, _ turn: Int
  ) async throws -> (id: String, made: Date?) {
    let tags = Mark.merge(
      plan.tags(of: disk),
      [
        (Mark.name, Resources.snapshotName(plan.name, disk.index)), (Mark.job, plan.job.rawValue),
        (Mark.disk, String(disk.index)),
      ])
    let token = Mark.token(plan.job.rawValue, "volume", String(disk.index), String(turn))
    var parameters = [("AvailabilityZone", plan.zone), ("ClientToken", token)] + BlockDevices.creation(disk)
    if let snapshot { parameters.append(("SnapshotId", snapshot)) }
    let answer = try await ec2.call("CreateVolume", parameters + EC2.tags(["volume"], tags))
    guard let id = answer.string("volumeId") else {
      throw AWSError(
        service: "ec2", operation: "CreateVolume", status: 200, code: AWSError.Codes.malformedAnswer,
        message: "The answer names no volume.")
    }
    return (id, answer.string("createTime").flatMap(EC2.date))
  }

  private func settle(_ id: String) async throws {
    _ = try await ec2.wait(minutes: Self.minutes, "Volume \(id)") { () -> (Bool?, String) in
      guard let now = try await store.look(id) else { return (nil, "not there") }
      if now.state == "error" {
        throw ConnectorError(
          .platformTaskFailed, "Volume \(id) is in the state error.",
          remedy:
            "Check that this account may use the KMS key of the snapshot (kms:CreateGrant); roll back and restore again.",
          outcome: .partial)
      }
      return (now.state == "available" || now.state == "in-use" ? true : nil, now.state)
    }
  }

  // MARK: Attaching

  /// Attaches what is not attached yet, under the planned names; they end with the instance from then on.
  func attach(_ volumes: [Int: String], to instance: Instance, _ operation: OperationContext) async throws {
    for disk in disks {
      guard let id = volumes[disk.index] else { continue }
      operation.progress(
        phase: "attach", done: Int64(disk.index), total: Int64(plan.disks.count), unit: "steps",
        message: "disk \(disk.index) is attached")
      if try await store.look(id)?.instance != instance.id {
        try await ec2.call(
          "AttachVolume", [("VolumeId", id), ("InstanceId", instance.id), ("Device", disk.device)])
      }
      _ = try await ec2.wait(minutes: Self.minutes, "Volume \(id)") { () -> (Bool?, String) in
        let now = try await store.look(id)
        return (now?.attachment == "attached" ? true : nil, now?.attachment ?? "not attached")
      }
      try await ec2.call(
        "ModifyInstanceAttribute",
        [
          ("InstanceId", instance.id), ("BlockDeviceMapping.1.DeviceName", disk.device),
          ("BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true"),
        ])
    }
  }
}

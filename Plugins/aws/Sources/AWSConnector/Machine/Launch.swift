import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation

/// Makes the instance of a job, once.
struct Launch: Sendable {
  /// Instances of one job and type that somebody may have terminated.
  private static let mostTurns = 20

  /// A type without room, and what EC2 said.
  private struct Full: Sendable {
    var type: String
    var why: String
  }

  var ec2: EC2
  var plan: MachinePlan

  private var store: InstanceStore { InstanceStore(ec2: ec2) }

  /// The instance, switched off, or running where the plan says so.
  func run(_ image: String, _ snapshots: [Int: String], _ operation: OperationContext) async throws -> Instance {
    let resource = Resources(plan: plan).machine
    let volumes = try await disks.make(snapshots, operation)
    let root = plan.importsImage ? try await rootDevice(image) : DeviceName.root
    var full: [Full] = []
    while true {
      let before = full
      let id: String
      (id, full) = try await operation.creating(resource) {
        let (id, full) = try await instance(image, root, snapshots, besides: before, operation)
        return ((id, full), remoteID: id)
      }
      do {
        return try await Failure.translating("Starting instance \(id)", outcome: .partial) {
          let instance = try await settle(id, operation)
          try await disks.attach(volumes, to: instance, operation)
          return instance
        }
      } catch let error as ConnectorError where Capacity.isLacking(error.provider?.code) {
        // EC2 took it, found no room after all, and ended it.
        guard let ended = try await store.look(id), !ended.isThere, full.allSatisfy({ $0.type != ended.type }) else {
          throw error
        }
        full.append(Full(type: ended.type, why: error.provider?.message ?? error.message))
        tellFull(ended.type, operation)
        var gone = resource
        gone.remoteID = id
        await operation.deleted(gone)
      }
    }
  }

  /// The id of the job's instance, the one that is there or one that is launched, and the types without room.
  private func instance(
    _ image: String, _ root: String, _ snapshots: [Int: String], besides before: [Full],
    _ operation: OperationContext
  ) async throws -> (String, [Full]) {
    var full = before
    let all = try await Failure.translating("Looking for the instance", outcome: .none) {
      try await store.all(of: plan.job)
    }
    if let there = all.first(where: \.isThere) { return (there.id, full) }
    for type in plan.instanceTypes where full.allSatisfy({ $0.type != type }) {
      do {
        return (try await launch(type, image, root, snapshots, turn: all.count), full)
      } catch let error as AWSError where Capacity.isLacking(error.code) {
        full.append(Full(type: type, why: error.message))
        tellFull(type, operation)
      } catch let error as AWSError {
        throw try Failure.error(error, doing: "Making instance '\(plan.name)' (\(type))", outcome: .unknown)
      }
    }
    let refused = full.map { "\($0.type): \($0.why)" }.joined(separator: "; ")
    throw ConnectorError(
      .capacityExhausted, "\(plan.zone) has no room for '\(plan.name)': \(refused).",
      remedy: "Retry later, choose another `instanceType`, or a subnet in another zone.", outcome: .none)
  }

  private func tellFull(_ type: String, _ operation: OperationContext) {
    operation.diagnostic(
      Diagnostic(
        severity: .warning, code: "instanceType.capacity",
        summary: "\(plan.zone) has no room for \(type) at the moment; the next type is tried."))
  }

  private var disks: DataDisks { DataDisks(ec2: ec2, plan: plan) }

  /// The name that VM Import has given to the boot disk.
  private func rootDevice(_ image: String) async throws -> String {
    try await Failure.translating("Looking at image \(image)", outcome: .none) {
      let answer = try await ec2.call("DescribeImages", [("ImageId.1", image)])
      return answer.items("imagesSet").first?.string("rootDeviceName") ?? DeviceName.root
    }
  }

  /// - Parameter turn: How many instances of the job are described, those that have ended too: each has its own token.
  ///   EC2 forgets instances sooner than tokens; it says so, and the next turn is taken.
  private func launch(
    _ type: String, _ image: String, _ root: String, _ snapshots: [Int: String], turn first: Int
  ) async throws -> String {
    for turn in first..<(first + Self.mostTurns) {
      do {
        let token = Mark.token(plan.job.rawValue, "instance", type, String(turn))
        let answer = try await ec2.call(
          "RunInstances", parameters(image, root, snapshots, type: type, token: token))
        guard let id = answer.items("instancesSet").first?.string("instanceId") else {
          throw AWSError(
            service: "ec2", operation: "RunInstances", status: 200, code: AWSError.Codes.malformedAnswer,
            message: "The answer names no instance.")
        }
        return id
      } catch let error as AWSError where error.code == "IdempotentInstanceTerminated" {}
    }
    throw Failure.turnsSpent("instances", Self.mostTurns)
  }

  func parameters(
    _ image: String, _ root: String, _ snapshots: [Int: String], type: String, token: String
  ) -> [(String, String)] {
    var parameters = [
      ("ImageId", image), ("MinCount", "1"), ("MaxCount", "1"), ("InstanceType", type), ("ClientToken", token),
      ("Placement.AvailabilityZone", plan.zone), ("MetadataOptions.HttpTokens", "required"),
      ("MetadataOptions.HttpEndpoint", "enabled"), ("MetadataOptions.HttpPutResponseHopLimit", "2"),
      ("InstanceInitiatedShutdownBehavior", "stop"),
    ]
    if let key = plan.keyName { parameters.append(("KeyName", key)) }
    if let profile = plan.instanceProfile {
      let isARN = profile.hasPrefix("arn:")
      parameters.append((isARN ? "IamInstanceProfile.Arn" : "IamInstanceProfile.Name", profile))
    }
    if let tenancy = plan.tenancy { parameters.append(("Placement.Tenancy", tenancy)) }
    if let host = plan.hostID { parameters.append(("Placement.HostId", host)) }
    if let data = plan.userData { parameters.append(("UserData", Data(data.utf8).base64EncodedString())) }
    for (place, nic) in plan.nics.enumerated() { parameters += self.parameters(nic, place) }
    // An image that was imported has a snapshot of its own: only what its volume is to be is said of it.
    parameters +=
      plan.importsImage
      ? BlockDevices.root(plan, at: root) : BlockDevices.parameters(plan.disks, snapshots)
    parameters += EC2.tags(["instance"], tags + [(Mark.state, "launching")] + types)
    // The second and third specification go on with their own numbers.
    parameters += EC2.tags(["-", "volume", "network-interface"], tags).filter {
      !$0.0.hasPrefix("TagSpecification.1.")
    }
    return parameters
  }

  private var tags: [(String, String)] {
    Mark.merge(plan.tags, [(Mark.name, plan.name), (Mark.job, plan.job.rawValue)])
  }

  private var types: [(String, String)] {
    plan.instanceTypes.count > 1 ? [(Mark.types, plan.instanceTypes.joined(separator: " "))] : []
  }

  private func parameters(_ nic: MachinePlan.NIC, _ place: Int) -> [(String, String)] {
    let prefix = "NetworkInterface.\(place + 1)"
    var parameters = [
      ("\(prefix).DeviceIndex", String(place)), ("\(prefix).SubnetId", nic.subnetID),
      ("\(prefix).DeleteOnTermination", "true"),
    ]
    parameters += nic.securityGroupIDs.enumerated().map { ("\(prefix).SecurityGroupId.\($0 + 1)", $1) }
    if nic.addresses.count == 1 {
      parameters.append(("\(prefix).PrivateIpAddress", nic.addresses[0]))
    } else {
      for (number, address) in nic.addresses.enumerated() {
        parameters.append(("\(prefix).PrivateIpAddresses.\(number + 1).PrivateIpAddress", address))
        parameters.append(("\(prefix).PrivateIpAddresses.\(number + 1).Primary", number == 0 ? "true" : "false"))
      }
    }
    if nic.publicAddress == true { parameters.append(("\(prefix).AssociatePublicIpAddress", "true")) }
    return parameters
  }

  /// Waits until it runs, names its volumes, and has it shut down again: what is made is switched off.
  private func settle(_ id: String, _ operation: OperationContext) async throws -> Instance {
    // What was just made may not be described yet.
    var instance = try await ec2.wait(minutes: 5, "Instance \(id)") { (try await store.look(id), "not there") }
    // Made by an earlier attempt; what it does now was asked for since.
    guard instance.tags[Mark.state] == "launching" else { return instance }
    operation.progress(phase: "create", done: 1, total: 3, unit: "steps", message: "the instance starts")
    if instance.state == "pending" || !instance.isThere {
      instance = try await store.wait(id, for: "running", never: ["shutting-down", "terminated", "stopped"])
    }
    try await nameVolumes(instance)
    if !plan.startAtOnce {
      operation.progress(phase: "create", done: 2, total: 3, unit: "steps", message: "it is shut down again")
      if instance.state == "running" { try await ec2.call("StopInstances", [("InstanceId.1", id)]) }
      instance = try await store.wait(id, for: "stopped", never: ["terminated"])
    }
    try await ec2.removeTags([Mark.state], from: [id])
    return instance
  }

  private func nameVolumes(_ instance: Instance) async throws {
    for disk in plan.disks {
      let device = disk.boot ? instance.rootDevice ?? disk.device : disk.device
      guard let volume = instance.volumes[device] else { continue }
      let name = (Mark.name, Resources.snapshotName(plan.name, disk.index))
      try await ec2.setTags(Mark.merge(disk.tags, [name]), on: [volume])
    }
  }
}

import AWSClient
import ConnectorProtocol

/// An instance, as EC2 describes it, with our marks.
struct Instance: Hashable, Sendable {
  var id: String
  /// `pending`, `running`, `shutting-down`, `terminated`, `stopping`, `stopped`.
  var state: String
  var stateReason: String?
  /// `Server.InsufficientInstanceCapacity`.
  var stateCode: String?
  var type: String
  var privateAddress: String?
  var publicAddress: String?
  /// The name of the boot disk.
  var rootDevice: String?
  /// Volumes by device.
  var volumes: [String: String]
  var interfaces: [String]
  var tags: [String: String]

  init?(_ item: XMLElement) {
    guard let id = item.string("instanceId") else { return nil }
    self.id = id
    state = item.string("instanceState/name") ?? "pending"
    stateReason = item.string("stateReason/message")
    stateCode = item.string("stateReason/code")
    type = item.string("instanceType") ?? ""
    privateAddress = item.string("privateIpAddress")
    publicAddress = item.string("ipAddress")
    rootDevice = item.string("rootDeviceName")
    volumes = Dictionary(
      item.items("blockDeviceMapping").compactMap { mapping in
        guard let device = mapping.string("deviceName"), let volume = mapping.string("ebs/volumeId") else { return nil }
        return (device, volume)
      }, uniquingKeysWith: { first, _ in first })
    interfaces = item.items("networkInterfaceSet").compactMap { $0.string("networkInterfaceId") }
    tags = EC2.tags(of: item)
  }

  var job: String? { tags[Mark.job] }
  var isGone: Bool { state == "terminated" }
  /// Neither gone nor about to be.
  var isThere: Bool { !isGone && state != "shutting-down" }
}

/// Looks for instances, and changes their state.
struct InstanceStore: Sendable {
  private static let minutes = 20

  var ec2: EC2

  /// All of a job, those that are gone too, as long as EC2 remembers them.
  func all(of job: JobID) async throws -> [Instance] {
    try await ec2.all(
      "DescribeInstances", in: "reservationSet", EC2.filters([("tag:\(Mark.job)", [job.rawValue])])
    ).flatMap { $0.items("instancesSet") }.compactMap(Instance.init)
  }

  /// Nil where it is not there (any more).
  func look(_ id: String) async throws -> Instance? {
    do {
      let answer = try await ec2.call("DescribeInstances", [("InstanceId.1", id)])
      return answer.items("reservationSet").flatMap { $0.items("instancesSet") }.compactMap(Instance.init).first
    } catch let error as AWSError where error.isNotFound || error.code == "InvalidInstanceID.Malformed" {
      return nil
    }
  }

  /// Waits until it is in the state.
  ///
  /// - Throws: `platformTaskFailed` where it never will be, `capacityExhausted` where that is for lack of room; the code
  ///   of the provider is that of EC2's reason.
  func wait(_ id: String, for state: String, never: Set<String> = []) async throws -> Instance {
    try await ec2.wait(minutes: Self.minutes, "Instance \(id)") {
      guard let now = try await look(id) else { return (nil, "not there") }
      if now.state == state { return (now, state) }
      if never.contains(now.state) {
        throw ConnectorError(
          Capacity.isLacking(now.stateCode) ? .capacityExhausted : .platformTaskFailed,
          "Instance \(id) is \(now.state), and not \(state): \(now.stateReason ?? "EC2 does not say why").",
          remedy: Self.remedy(now), outcome: .partial,
          provider: ConnectorError.ProviderError(code: now.stateCode, message: now.stateReason))
      }
      return (nil, now.state)
    }
  }

  private static func remedy(_ instance: Instance) -> String {
    let reason = instance.stateReason ?? ""
    if Capacity.isLacking(instance.stateCode) {
      return "Retry later, choose another `instanceType`, or a subnet in another zone."
    }
    if reason.contains("VolumeLimitExceeded") { return "Ask for a higher quota of volume storage, and restore again." }
    if reason.contains("InternalError") {
      return "Often the account may not use the KMS key of a volume (kms:CreateGrant); check that, and restore again."
    }
    return "Put right what EC2 says, roll the restore back, and restore again."
  }

  func terminate(_ id: String) async throws {
    do { try await ec2.call("TerminateInstances", [("InstanceId.1", id)]) } catch let error as AWSError
      where error.isNotFound
    { return }
    _ = try await ec2.wait(minutes: Self.minutes, "Instance \(id)") { () -> (Bool?, String) in
      let now = try await look(id)
      return (now?.isGone ?? true ? true : nil, now?.state ?? "gone")
    }
  }
}

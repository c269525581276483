import AWSClient
import ConnectorProtocol

/// A volume, as EC2 describes it, with our marks.
struct Volume: Hashable, Sendable {
  var id: String
  /// `creating`, `available`, `in-use`, `deleting`, `deleted`, `error`.
  var state: String
  /// Where it is attached, or about to be.
  var instance: String?
  var attachment: String?
  var tags: [String: String]

  init?(_ item: XMLElement) {
    guard let id = item.string("volumeId") else { return nil }
    self.id = id
    state = item.string("status") ?? "creating"
    let attached = item.items("attachmentSet").first { $0.string("status") != "detached" }
    instance = attached?.string("instanceId")
    attachment = attached?.string("status")
    tags = EC2.tags(of: item)
  }

  var disk: Int? { tags[Mark.disk].flatMap { Int($0) } }
  var isGone: Bool { state == "deleting" || state == "deleted" }
}

/// Looks for volumes, and removes them.
struct VolumeStore: Sendable {
  var ec2: EC2

  /// All of a job: those of its instance too.
  func all(of job: JobID) async throws -> [Volume] {
    try await ec2.all("DescribeVolumes", in: "volumeSet", EC2.filters([("tag:\(Mark.job)", [job.rawValue])]))
      .compactMap(Volume.init).filter { !$0.isGone }
  }

  /// Nil where it is gone.
  func look(_ id: String) async throws -> Volume? {
    do {
      let answer = try await ec2.call("DescribeVolumes", [("VolumeId.1", id)])
      return answer.items("volumeSet").compactMap(Volume.init).first { !$0.isGone }
    } catch let error as AWSError where error.isNotFound { return nil }
  }

  /// Those that were made by themselves, and those that nobody expected: without an instance, though of one. The others
  /// come and go with their instance.
  func find(_ job: JobID) async throws -> [Resource] {
    try await all(of: job).filter { $0.disk != nil || $0.state == "available" || $0.state == "error" }.map { volume in
      Resource(
        kind: Resources.volume, name: volume.tags[Mark.disk] == nil ? volume.id : volume.tags[Mark.name] ?? volume.id,
        remoteID: volume.id, costBearing: true, details: volume.tags[Mark.disk].map { ["disk": $0] } ?? [:])
    }
  }

  func delete(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    var found: [Volume] = []
    if let id = resource.remoteID {
      found = try await look(id).map { [$0] } ?? []
    } else {
      // Announced, and perhaps made.
      found = try await all(of: job).filter { $0.disk != nil && $0.tags[Mark.name] == resource.name }
    }
    guard !found.isEmpty else { return (.absent, nil) }
    for volume in found {
      guard volume.tags[Mark.job] == job.rawValue else { return ResourceWork.foreign("volume \(volume.id)") }
      do { try await ec2.call("DeleteVolume", [("VolumeId", volume.id)]) } catch let error as AWSError {
        if error.code == "VolumeInUse" { return (.blocked, error.message) }
        if !error.isNotFound { throw error }
      }
    }
    return (.deleted, nil)
  }
}

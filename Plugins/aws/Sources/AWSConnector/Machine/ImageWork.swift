import AWSClient
import ConnectorKit
import ConnectorProtocol

/// The image of a job: what an instance is made of. It goes when the restore is finished.
struct ImageWork: Sendable {
  private static let minutes = 30

  var ec2: EC2
  var plan: MachinePlan

  struct Found: Hashable, Sendable {
    var id: String
    /// `pending`, `available`, `failed`.
    var state: String
    var why: String?
  }

  /// The name of one that was registered holds the job's id; one that was imported bears its mark.
  static func find(_ job: JobID, _ ec2: EC2) async throws -> Found? {
    for filter in [("name", [Mark.imageName(job)]), ("tag:\(Mark.job)", [job.rawValue])] {
      let parameters = [("Owner.1", "self")] + EC2.filters([filter])
      let found = try await ec2.all("DescribeImages", in: "imagesSet", parameters).compactMap { item in
        item.string("imageId").map {
          Found(id: $0, state: item.string("imageState") ?? "pending", why: item.string("stateReason/message"))
        }
      }
      if let image = found.first(where: { $0.state != "deregistered" }) { return image }
    }
    return nil
  }

  /// Makes it of the snapshots, where it is not there yet; its id, once it can be used.
  ///
  /// - Parameter snapshots: By disk index.
  func ensure(_ snapshots: [Int: String], _ operation: OperationContext) async throws -> String {
    let resource = Resources(plan: plan).image
    let id = try await operation.creating(resource) {
      if let there = try await Self.find(plan.job, ec2), there.state != "failed" {
        return (there.id, remoteID: there.id)
      }
      let id = try await Failure.translating("Registering the image") { try await register(snapshots) }
      return (id, remoteID: id)
    }
    return try await Failure.translating("Waiting for image \(id)", outcome: .partial) {
      try await ec2.wait(minutes: Self.minutes, "Image \(id)") {
        guard let now = try await Self.find(plan.job, ec2) else { return (nil, "not there") }
        if now.state == "failed" || now.state == "error" || now.state == "invalid" {
          throw ConnectorError(
            .platformTaskFailed, "Image \(id) is \(now.state): \(now.why ?? "EC2 does not say why").",
            remedy: "Roll the restore back, and restore again.", outcome: .partial)
        }
        return (now.state == "available" ? now.id : nil, now.state)
      }
    }
  }

  private func register(_ snapshots: [Int: String]) async throws -> String {
    let answer: XMLElement
    do {
      answer = try await ec2.call("RegisterImage", parameters(snapshots))
    } catch let error as AWSError where error.code == "InvalidAMIName.Duplicate" {
      // The answer to an earlier attempt was lost.
      guard let there = try await Self.find(plan.job, ec2) else { throw error }
      return there.id
    }
    guard let id = answer.string("imageId") else {
      throw AWSError(
        service: "ec2", operation: "RegisterImage", status: 200, code: AWSError.Codes.malformedAnswer,
        message: "The answer names no image.")
    }
    return id
  }

  func parameters(_ snapshots: [Int: String]) -> [(String, String)] {
    var parameters = [
      ("Name", Mark.imageName(plan.job)), ("Description", "\(plan.name), restored by Ascend".prefix(255).description),
      ("Architecture", plan.architecture), ("VirtualizationType", "hvm"), ("RootDeviceName", DeviceName.root),
      ("EnaSupport", "true"), ("BootMode", plan.bootMode), ("ImdsSupport", "v2.0"),
    ]
    if plan.tpm { parameters.append(("TpmSupport", "v2.0")) }
    parameters += BlockDevices.parameters(plan.disks, snapshots)
    parameters += EC2.tags(["image"], [(Mark.name, plan.name), (Mark.job, plan.job.rawValue)])
    return parameters
  }
}

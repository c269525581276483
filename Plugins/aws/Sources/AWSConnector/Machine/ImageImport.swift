import AWSClient
import ConnectorKit
import ConnectorProtocol

/// The image of a job by VM Import, out of our own snapshot of the boot disk: for Windows with Amazon's licence, which an
/// image that is registered does not bring. The service adapts the guest by itself, and makes a snapshot of its own.
struct ImageImport: Sendable {
  var account: Account
  var plan: MachinePlan
  /// How long to wait between two looks at the task.
  var every: Duration

  private var ec2: EC2 { account.ec2 }
  private var tasks: ImportTasks { ImportTasks(account.api) }
  private var resource: Resource { Resources(plan: plan).image }

  /// The image's id, once it can be used; its snapshots bear the job's mark.
  func ensure(_ snapshots: [Int: String], _ operation: OperationContext) async throws -> String {
    if let image = try await ImageWork.find(plan.job, ec2), image.state == "available" {
      return try await operation.creating(resource) { (image.id, remoteID: image.id) }
    }
    let task = try await operation.creating(resource) {
      let task = try await Failure.translating("Beginning the import") { try await begin(snapshots) }
      return (task, remoteID: task.id)
    }
    return try await Failure.translating("Importing '\(plan.name)'", outcome: .partial) {
      let done = try await tasks.wait(for: task.id, .image, every: every) { now in
        operation.progress(
          phase: "import", done: Int64(now.progress ?? 0), total: 100, unit: "steps", message: now.statusMessage)
      }
      guard let image = done.imageId else {
        throw AWSError(
          service: "ec2", operation: "ImportImage", status: 200, code: AWSError.Codes.malformedAnswer,
          message: "The import has ended without an image.")
      }
      try await mark(image, operation)
      return image
    }
  }

  private func begin(_ snapshots: [Int: String]) async throws -> ImportTask {
    let all = try await tasks.tasks(.image, tag: Mark.importedBy, plan.job.rawValue)
    for there in all where there.tags[Mark.job] == plan.job.rawValue && !there.isFailed {
      guard there.isCompleted else { return there }
      // One whose image is gone has nothing to give any more.
      if let image = there.imageId, try await Self.made(image, plan.job, account) != nil { return there }
    }
    let root = plan.root.flatMap { snapshots[$0.index] }
    return try await tasks.importImage(
      snapshots: [root].compactMap(\.self), platform: "Windows", licenseType: "AWS",
      bootMode: plan.bootMode, architecture: plan.architecture,
      ImportTasks.Terms(
        description: "\(plan.name), restored by Ascend",
        clientToken: Mark.token(plan.job.rawValue, "import", String(all.count)), encrypted: plan.kmsKeyID != nil,
        kmsKeyId: plan.kmsKeyID, tags: [(Mark.job, plan.job.rawValue), (Mark.importedBy, plan.job.rawValue)]))
  }

  /// What the service made by itself bears the job's mark from now on, and is in the ledger.
  private func mark(_ image: String, _ operation: OperationContext) async throws {
    let answer = try await ec2.call("DescribeImages", [("ImageId.1", image)])
    checkLicence(answer.items("imagesSet").first?.string("platformDetails"), image, operation)
    let mappings = answer.items("imagesSet").first?.items("blockDeviceMapping") ?? []
    for (number, snapshot) in mappings.compactMap({ $0.string("ebs/snapshotId") }).enumerated() {
      let name = "\(plan.name)-import\(number)"
      let own = Resource(
        kind: Resources.snapshot, name: name, parent: plan.region, temporary: true, costBearing: true)
      try await operation.creating(own) {
        let marks = [(Mark.name, name), (Mark.job, plan.job.rawValue), (Mark.temporary, "true")]
        try await ec2.setTags(marks, on: [snapshot])
        return ((), remoteID: snapshot)
      }
    }
    try await ec2.setTags([(Mark.name, plan.name), (Mark.job, plan.job.rawValue)], on: [image])
    var changed = resource
    changed.remoteID = image
    await operation.changed(changed)
  }

  /// What is billed is what the image says that it is.
  private func checkLicence(_ platform: String?, _ image: String, _ operation: OperationContext) {
    guard platform?.contains("Windows") != true else { return }
    operation.diagnostic(
      Diagnostic(
        severity: .warning, code: "windows.unlicensed",
        summary:
          "EC2 says of image \(image) that its platform is '\(platform ?? "")': no Windows licence comes with it.",
        action: "Look at the instance's platform details before you rely on Amazon's licence."))
  }
}

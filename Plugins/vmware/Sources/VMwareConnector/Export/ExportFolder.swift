import ConnectorProtocol
import Foundation

/// A folder of this computer that OVA files are made in, and what a job has in it while it is not finished.
struct ExportFolder: Hashable, Sendable {
  /// Absolute.
  var path: String

  init(settings: Settings) throws {
    guard let path = settings.folder, path.hasPrefix("/") else {
      throw ConnectorError(
        .configInvalid, "An OVA needs a folder on this computer.", remedy: "Set `folder` to an absolute path.",
        outcome: .none)
    }
    self.path = path
  }

  static func resource(_ plan: MachinePlan) -> Resource {
    Resource(
      kind: Resources.export, name: plan.name + ".ova", parent: plan.exportFolder,
      details: ["folder": plan.exportFolder ?? ""])
  }

  /// What cannot be promised for a file: there is no machine to be looked at.
  static func overlay() throws -> JSONValue {
    [
      "verify": [], "inventory": [], "methods": ["plan/estimate"],
      "features": ["estimate", .string(LimitsNotification.feature)],
    ]
  }

  /// The job's own folder. Its name is the mark; it goes when the job is finished.
  func work(_ job: JobID) -> String { "\(path)/.ascend-\(job.rawValue)" }

  func result(_ plan: MachinePlan) -> String { "\(path)/\(plan.name).ova" }

  /// Names of files in the archive: nothing that a descriptor would have to escape.
  static func stem(_ plan: MachinePlan) -> String {
    String(
      plan.name.unicodeScalars.map { scalar in
        let plain =
          scalar.isASCII
          && (Character(scalar).isLetter || Character(scalar).isNumber || "._-".contains(Character(scalar)))
        return plain ? Character(scalar) : "_"
      })
  }

  static func diskName(_ plan: MachinePlan, _ disk: MachinePlan.Disk) -> String {
    "\(stem(plan))-disk\(disk.index).vmdk"
  }
}

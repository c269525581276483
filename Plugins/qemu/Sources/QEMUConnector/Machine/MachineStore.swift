import CQEMUSystem
import ConnectorProtocol
import Foundation
import Synchronization

/// The folder of all machines: takes names, finds what bears a job's mark, and removes only that.
///
/// A name is taken by renaming a folder that already bears the mark to it, which exactly one can do. So there is never a
/// folder of ours without a mark, whenever the process ends.
final class MachineStore: Sendable {
  /// Absolute, without symbolic links below it that the configuration did not name.
  let path: String
  /// Marks are changed one at a time.
  private let lock = Mutex(())

  init(path: String) {
    self.path = path
  }

  func folder(_ name: String) -> MachineFolder { MachineFolder(path: path + "/" + name) }

  static let claimPrefix = ".claim-"
  static let trashPrefix = ".trash-"

  private func claim(of job: JobID) -> MachineFolder { folder(Self.claimPrefix + job.rawValue) }
  private func trash(of job: JobID) -> MachineFolder { folder(Self.trashPrefix + job.rawValue) }

  /// Who has the name, for people; nil where it is free or `job`'s own.
  func holder(of name: String, job: JobID) throws -> String? {
    let folder = folder(name)
    guard Self.exists(folder.path) else { return nil }
    guard let mark = try MachineMark.read(folder) else { return "a folder that is no machine of ours" }
    if mark.belongs(to: job) { return nil }
    if mark.job == job { return "this job's own machine, which is finished" }
    return mark.committed ? "a restored machine" : "a machine that another restore is making"
  }

  /// Takes the plan's name for its job. Again for the same job: the folder it has.
  func take(_ plan: MachinePlan, now: Date = Date()) throws -> MachineFolder {
    try lock.withLock { _ in
      let folder = folder(plan.name)
      if let own = try own(plan, folder) { return own }
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let claim = claim(of: plan.job)
      guard mkdir(claim.path, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir", claim.path) }
      do {
        try MachineMark(
          job: plan.job, name: plan.name, created: now.formatted(.iso8601), state: .receiving, committed: false,
          plan: plan
        ).write(claim)
        guard ascend_rename_exclusive(claim.path, folder.path) == 0 else { throw SystemError("rename", folder.path) }
      } catch {
        try FolderRemoval.remove(claim.path)
        if let error = error as? SystemError, error.number == EEXIST || error.number == ENOTEMPTY {
          if let own = try own(plan, folder) { return own }
        }
        throw error
      }
      try AtomicFile.syncFolder(of: folder.path)
      return folder
    }
  }

  /// The folder, where it is this job's already.
  private func own(_ plan: MachinePlan, _ folder: MachineFolder) throws -> MachineFolder? {
    if let holder = try holder(of: plan.name, job: plan.job) {
      throw Failure.nameTaken(plan.name, in: path, by: holder)
    }
    guard var mark = try MachineMark.read(folder) else { return nil }
    if mark.plan != plan {
      guard mark.state == .receiving else {
        throw ConnectorError(
          .existsIncompatible, "Machine '\(plan.name)' of this job exists already, by another plan.",
          remedy: "Roll the job back before it is carried out by a new plan.", outcome: .none)
      }
      mark.plan = plan
      try mark.write(folder)
    }
    return folder
  }

  /// The machine's folder and mark, for a job that may change it.
  func owned(_ name: String, by job: JobID) throws -> (MachineFolder, MachineMark) {
    let folder = folder(name)
    guard NameRule.accepts(name), let mark = try MachineMark.read(folder) else {
      throw Failure.noMachine(name, in: path, why: "its folder or mark is not there")
    }
    guard mark.job == job else {
      throw Failure.noMachine(name, in: path, why: "the machine of that name belongs to another restore")
    }
    return (folder, mark)
  }

  /// Changes the mark of a job's machine.
  func update(_ name: String, by job: JobID, _ change: (inout MachineMark) -> Void) throws {
    try lock.withLock { _ in
      var (folder, mark) = try owned(name, by: job)
      let before = mark
      change(&mark)
      if mark != before { try mark.write(folder) }
      _ = folder
    }
  }

  /// Everything here that bears the job's mark, and what an interrupted taking or removal of its name left behind.
  func find(_ job: JobID) throws -> [Resource] {
    guard Self.exists(path) else { return [] }
    let leftovers = [claim(of: job), trash(of: job)].map { ($0.path as NSString).lastPathComponent }
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted().compactMap { name in
      if leftovers.contains(name) { return resource(name) }
      guard let mark = try MachineMark.read(folder(name)), mark.belongs(to: job) else { return nil }
      return resource(name)
    }
  }

  func resource(_ name: String) -> Resource {
    Resource(kind: Self.resourceKind, name: name, remoteID: folder(name).path, details: ["folder": path])
  }

  static let resourceKind = "machine"

  /// Removes a job's machine, running or not. It goes out of the way by its name first: what is left when the process
  /// ends in between is no machine any more, and is still found.
  func remove(_ name: String, of job: JobID) throws -> (ResourcesDelete.State, why: String?) {
    let leftovers = [claim(of: job), trash(of: job)]
    let folder = folder(name)
    let isLeftover = leftovers.contains(folder)
    guard isLeftover || NameRule.accepts(name) else { return (.foreign, "no name of a machine of ours") }
    let hadLeftovers = leftovers.contains { Self.exists($0.path) }
    for leftover in leftovers { try FolderRemoval.remove(leftover.path) }
    if isLeftover { return (hadLeftovers ? .deleted : .absent, nil) }

    guard Self.exists(folder.path) else { return (hadLeftovers ? .deleted : .absent, nil) }
    guard let mark = try MachineMark.read(folder) else { return (.foreign, "it bears no mark of a restore") }
    guard mark.job == job else { return (.foreign, "it bears the mark of another restore") }
    guard !mark.committed else { return (.foreign, "the restore that made it is finished") }
    try Power(folder: folder, name: name).off()
    ImageServer.endLeftBehind(mark.plan.disks, in: folder)
    let trash = trash(of: job)
    try AtomicFile.rename(folder.path, to: trash.path)
    try FolderRemoval.remove(trash.path)
    return (.deleted, nil)
  }

  /// Whatever it is; a symbolic link counts as itself.
  static func exists(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0
  }
}

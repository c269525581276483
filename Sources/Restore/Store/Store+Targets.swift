import Backups
import Foundation
import GRDB
public import Support

extension Store {
  /// - Throws: `target.exists`.
  public func addTarget(_ target: TargetRecord) throws(AscendError) {
    try write { db in
      if try TargetRecord.filter(Column("name") == target.name).fetchOne(db) != nil {
        throw AscendError(
          "target.exists", "There is a target of that name already", object: target.name,
          remedy: "Choose another name, or remove it with `ascend targets rm \(target.name)`")
      }
      try target.insert(db)
    }
  }

  public func targets() throws(AscendError) -> [TargetRecord] {
    try read { try TargetRecord.order(Column("name")).fetchAll($0) }
  }

  /// - Throws: `target.unknown`, naming those there are.
  public func target(_ reference: String) throws(AscendError) -> TargetRecord {
    let all = try targets()
    if let found = all.first(where: { $0.name == reference || $0.id == reference }) { return found }
    let known = all.isEmpty ? "none is defined yet" : "there are: " + all.map(\.name).joined(separator: ", ")
    throw AscendError(
      "target.unknown", "There is no target of that name", object: reference, cause: known,
      remedy: "Add one with `ascend targets add \(reference) --platform PLATFORM`")
  }

  /// - Throws: `target.inUse` where a job that is not done needs it, or a backup is read through it.
  public func removeTarget(_ target: TargetRecord) throws(AscendError) {
    try write { db in
      let jobs = try RestoreJob.filter(Column("target_id") == target.id).fetchAll(db)
      let lines = try LedgerRecord.filter(jobs.map(\.id).contains(Column("restore_job_id"))).fetchAll(db)
      if let line = lines.first(where: \.state.mayExist) {
        throw AscendError(
          "target.inUse", "A job has left something on the target", object: target.name,
          cause: "\(line.kind) \(line.name) of job \(line.restoreJobID)",
          remedy: "Remove it with `ascend jobs rollback \(line.restoreJobID)`")
      }
      if let job = jobs.first(where: { !$0.status.isFinal }) {
        throw AscendError(
          "target.inUse", "The target is needed by a job that is not done", object: target.name,
          cause: "job \(job.id) is \(job.status.rawValue)",
          remedy: "Wait for it, or cancel it with `ascend jobs cancel`")
      }
      let remote = try BackupRecord.filter(Column("kind") == Backup.Kind.remote.rawValue).fetchAll(db)
      if let backup = remote.first(where: { $0.backup.origin?.target == target.id }) {
        throw AscendError(
          "target.inUse", "A backup's disks are read through the target", object: target.name,
          cause: "the backup \(backup.name)", remedy: "Take it out of the catalog first: `ascend backups rm`")
      }
      try target.delete(db)
    }
  }
}

import ConnectorProtocol
import Connectors
import Logging
import Support

/// What the steps of one attempt at a job share.
struct JobContext: Sendable {
  let job: RestoreJob
  /// With its disks as they can be read, once the attempt has opened it.
  var backup: BackupRecord
  let target: TargetRecord
  let installation: ConnectorInstallation
  let engine: RestoreEngine
  let board: JobBoard
  /// The job's folder: overlays, sockets, evidence.
  let folder: String

  var store: Store { engine.store }
  var jobID: JobID { job.jobID }

  /// The overlay over a disk of the backup.
  func overlay(_ index: Int) -> String { "\(folder)/disk\(index).overlay.qcow2" }
  /// The copy of a disk, where the platform takes nothing but a file.
  func staged(_ index: Int, format: String) -> String { "\(folder)/disk\(index).\(format)" }
  /// Where the connector works and leaves its evidence.
  var workFolder: String { folder + "/connector" }

  func operations(_ session: OpenSession) -> OperationRunner {
    OperationRunner(job: job.id, store: store, session: session, board: board)
  }

  /// What a completed step left for those after it.
  func metadata(of step: RestoreStep.Name) throws(AscendError) -> JSONValue {
    try store.steps(of: job.id).first { $0.stepName == step }?.metadata ?? [:]
  }
}

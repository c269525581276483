import ConnectorProtocol
import Connectors
import Foundation
public import Support

extension RestoreEngine {
  /// Removes everything that a job made and that is still its own.
  ///
  /// - Throws: `job.running`, `job.done` for a completed job (its machine is somebody's now), `job.rollback` naming what
  ///   could not be removed.
  public func rollback(_ id: String, observer: any RestoreObserver) async throws(AscendError) -> RestoreJob {
    let folder = state.jobFolder(id)
    try StateDirectory.makePrivate(folder)
    let lock = try JobLock(folder: folder, job: id)
    defer { withExtendedLifetime(lock) {} }
    let job = try store.job(id)
    guard job.status != .completed else {
      throw AscendError(
        "job.done", "The job is completed; what it made is not Ascend's to remove any more", object: id,
        remedy: "Remove the machine \(job.targetVMName ?? "") on the platform itself")
    }
    let board = JobBoard(job: id, store: store, observer: observer)
    do {
      try await rollBack(job, board: board)
    } catch {
      throw AscendError.wrapping(error, as: "job.rollback", "The rollback failed", object: id)
    }
    try JobFolder(path: folder).removeImages()
    return try store.updateJob(id) {
      $0.status = .rolledBack
      $0.completedAt = Date()
    }
  }

  /// Removes what the ledger holds and what bears the job's mark, each before what it depends on.
  func rollBack(_ job: RestoreJob, board: JobBoard) async throws {
    // Without a line in the ledger nothing was made: the platform need not even be reachable.
    guard try store.ledger(of: job.id).contains(where: { $0.state.mayExist }) else { return }
    let target = try store.target(job.targetID)
    board.log(.info, "job", "Rolling back")
    try await withSession(
      target: target, installation: try connectors.find(target.platform),
      workFolder: state.jobFolder(job.id) + "/connector", job: job.jobID, events: board
    ) { session in
      try await removeAll(of: job, session: session, board: board)
    }
  }

  private func removeAll(of job: RestoreJob, session: OpenSession, board: JobBoard) async throws {
    var left = try await existing(job, session)
    // What is blocked in one round goes once the others are gone; a round that removes nothing is the last.
    while !left.isEmpty {
      let request = try deletion(of: left, job: job)
      let answer = try await session.call(request)
      var removed = 0
      for result in answer.results {
        switch result.state {
        case .deleted, .absent:
          removed += 1
          try store.settle(job: job.id, kind: result.kind, name: result.name, as: .deleted)
          left.removeAll { $0.kind == result.kind && $0.name == result.name }
          board.log(.info, "ledger", "\(result.kind) \(result.name) \(result.state)")
        case .foreign:
          removed += 1
          try store.settle(job: job.id, kind: result.kind, name: result.name, as: .released)
          left.removeAll { $0.kind == result.kind && $0.name == result.name }
          board.log(.warning, "ledger", "\(result.kind) \(result.name) is not this job's any more and was left alone")
        default:
          board.log(
            .warning, "ledger", "\(result.kind) \(result.name) \(result.state): \(result.why ?? "no reason given")")
        }
      }
      if removed == 0 { break }
    }
    if left.isEmpty { left = try await session.call(ResourcesFind(job: job.jobID)).resources }
    guard left.isEmpty else {
      throw AscendError(
        "job.rollback", "Not everything that the job made could be removed", object: job.id,
        cause: left.map { "\($0.kind) \($0.name)" }.joined(separator: ", "),
        remedy: "See the job's log, then try again with `ascend jobs rollback \(job.id)`")
    }
  }

  /// The ledger's lines that may exist, and what the platform shows beside them, in the order of removal.
  private func existing(_ job: RestoreJob, _ session: OpenSession) async throws -> [Resource] {
    var resources = try store.ledger(of: job.id).filter { $0.state.mayExist }.map(\.resource)
    let found = try await session.call(ResourcesFind(job: job.jobID)).resources
    for resource in found
    where !resources.contains(where: { $0.kind == resource.kind && $0.name == resource.name }) {
      resources.append(resource)
    }
    return DeletionOrder.order(resources)
  }

  private func deletion(of resources: [Resource], job: RestoreJob) throws -> ResourcesDelete {
    // A deletion is repeatable by its nature, so each gets an id of its own.
    try ResourcesDelete(op: .undecided, job: job.jobID, resources: resources)
      .identified(by: OperationID(TimeOrderedUUID.make()), attempt: 1)
  }
}

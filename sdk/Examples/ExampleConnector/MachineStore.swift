import ConnectorKit
import ConnectorProtocol
import Foundation

/// The machines that lie in the folder: of each a folder, with `disk0.raw` … and `machine.json`.
///
/// As long as its job runs the folder is called `NAME~JOB`: that is the job's mark, and is there from the folder's birth
/// on. Then it is called `NAME`, and is nobody's but its owner's.
struct MachineStore: Sendable {
  static let kind = "machine"

  let path: String

  /// The ledger's line of a machine: all of it is one resource.
  func resource(_ name: String) -> Resource { Resource(kind: Self.kind, name: name) }

  func folder(_ name: String, _ job: JobID) -> String { "\(path)/\(name)~\(job)" }
  func disk(_ index: Int, of name: String, _ job: JobID) -> String { "\(folder(name, job))/disk\(index).raw" }

  /// What may be a machine's name: it becomes a path, and comes from outside.
  static func accepts(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
  }

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  /// True where something has the name that is not of this job.
  func isTaken(_ name: String, for job: JobID) throws -> Bool {
    try names().contains { $0 == name || $0.hasPrefix(name + "~") && $0 != "\(name)~\(job)" }
  }

  /// All machines of a job, by its mark alone: it must work when the ledger is lost.
  func machines(of job: JobID) throws -> [String] {
    let mark = "~\(job)"
    return try names().filter { $0.hasSuffix(mark) }.map { String($0.dropLast(mark.count)) }
  }

  /// Makes the machine's folder; again is no error.
  func ensure(_ name: String, for job: JobID) throws {
    try FileManager.default.createDirectory(atPath: folder(name, job), withIntermediateDirectories: true)
  }

  /// What a sparse file takes up, in bytes: what of the disk was not zeros.
  func allocatedBytes(_ path: String) -> Int64 {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int64(facts.st_blocks) * 512 : 0
  }

  /// Takes the mark off.
  func release(_ name: String, of job: JobID) throws {
    try FileManager.default.moveItem(atPath: folder(name, job), toPath: "\(path)/\(name)")
  }

  /// Removes the machine, if it is the job's.
  func remove(_ name: String, of job: JobID) throws -> (state: ResourcesDelete.State, why: String?) {
    guard Self.accepts(name), job.isPlain() else { return (.foreign, "it is none that was made here") }
    guard FileManager.default.fileExists(atPath: folder(name, job)) else {
      return try isTaken(name, for: job) ? (.foreign, "it does not bear the job's mark") : (.absent, nil)
    }
    try FileManager.default.removeItem(atPath: folder(name, job))
    return (.deleted, nil)
  }
}

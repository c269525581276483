import ConnectorKit
import ConnectorProtocol

/// All that later requests need: a new process may carry the plan out.
struct FolderPlan: ConnectorPlan {
  static let currentSchema = "folder-plan/1"

  var schema = FolderPlan.currentSchema
  var job: JobID
  var name: String
  var disks: [Disk]

  struct Disk: ConnectorPlanDisk, Codable {
    var index: Int
    var sizeBytes: Int64

    var effectiveSizeBytes: Int64 { sizeBytes }
  }

  /// Looks at what is asked for; what cannot be is among the findings.
  init(_ request: PlanPreflight, _ store: MachineStore, _ findings: inout Findings) throws {
    job = request.job
    name = request.name
    if !MachineStore.accepts(name) {
      findings.refuse(name: name, nearest: nil, rule: "A name has at most 64 letters, digits, '-', '_' and '.'.")
    } else if try store.isTaken(name, for: job) {
      findings.block("nameTaken", "There is a machine '\(name)' already.", at: "/name", action: "Choose another name.")
    }
    let forms = FolderConnector.document.disks.accepts
    var planned: [Disk] = []
    if findings.checkIndices(of: request.disks) {
      for (place, disk) in request.disks.enumerated()
      where findings.checkForm(of: disk, at: "/disks/\(place)", in: forms) {
        planned.append(Disk(index: disk.index, sizeBytes: disk.sizeBytes))
      }
    }
    disks = planned
  }
}

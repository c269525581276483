import ConnectorKit
import ConnectorProtocol
import Foundation

/// Plans a machine: all that stands against it at once, and what will be made. Changes nothing.
struct Preflight: Sendable {
  var request: PlanPreflight
  var store: MachineStore
  var host: Host
  var settings: Settings
  var finding: Accelerator.Finding

  func run() throws -> PlanPreflight.Result {
    var findings = Findings()
    try request.job.checkPlain(NameRule.jobs)
    try checkName(&findings)
    let hardware = HardwarePlan(request: request, settings: settings, host: host)
    let disks = hardware.disks(&findings)
    let plan = MachinePlan(
      job: request.job, name: request.name, folder: store.path, uuid: hardware.uuid,
      cpu: hardware.cpu(&findings), memoryBytes: hardware.memory(&findings), firmware: request.hardware.firmware,
      secureBoot: request.hardware.secureBoot, board: hardware.board, clock: hardware.clock, disks: disks,
      nics: hardware.nics(&findings), notes: request.machine.notes, tags: request.mapping.tags)
    hardware.checkFirmware(&findings)
    try checkSpace(&findings)
    if let why = finding.why {
      findings.note("accel.emulated", "The machine will be emulated, which is slow: \(why).")
    }
    return try plan.result(for: request, findings, resources: [store.resource(request.name)])
  }

  private func checkName(_ findings: inout Findings) throws {
    guard NameRule.accepts(request.name) else {
      return findings.refuse(
        name: request.name, nearest: NameRule.nearest(request.name),
        rule: "A name begins with a letter or digit, has at most \(NameRule.longest) characters and matches "
          + NameRule.pattern)
    }
    let holder = try Failure.translating("Looking at \(store.path)", outcome: .none) {
      try store.holder(of: request.name, job: request.job)
    }
    if let holder {
      findings.block(
        "nameTaken", "The machine name '\(request.name)' is taken in \(store.path): \(holder).", at: "/name",
        action: "Choose another name.")
    }
  }

  /// Room for what will be written; what the job has brought here already needs none.
  private func checkSpace(_ findings: inout Findings) throws {
    let facts = try Failure.translating("Looking at \(store.path)", outcome: .none) {
      try FolderFacts.look(store.path)
    }
    guard facts.isWritable else {
      return findings.block(
        "folder.notWritable", "This user may not write \(facts.nearest).", at: "/options",
        action: "Give this user the right to, or choose another folder for the machines.")
    }
    func needed(_ access: String) -> Int64 {
      request.disks.filter { $0.access == access }.reduce(0) { $0 + max(0, $1.allocatedBytes ?? $1.sizeBytes) }
    }
    let here = NameRule.accepts(request.name) ? occupied(store.folder(request.name)) : 0
    let streamed = max(0, needed("nbd") - here)
    let free = ByteSize.text(facts.freeBytes)
    if facts.freeBytes < streamed {
      findings.block(
        "capacityExhausted", "\(ByteSize.text(streamed)) are needed in \(store.path), \(free) are free.", at: "/disks",
        action: "Free space there, or choose a folder on another file system.")
    } else if facts.freeBytes < streamed + needed("file") {
      findings.warn(
        "space.tight", "\(free) are free in \(store.path): too little where a staged image must be copied.",
        at: "/disks", action: "Free space there, or stage on the same file system.")
    }
  }

  private func occupied(_ folder: MachineFolder) -> Int64 {
    request.disks.reduce(0) { sum, disk in
      let name = "disk\(disk.index).\(disk.format)"
      return sum
        + [name, name + ".part"].reduce(0) { sum, file in
          var facts = stat()
          return lstat(folder.file(file), &facts) == 0 ? sum + Int64(facts.st_blocks) * 512 : sum
        }
    }
  }
}

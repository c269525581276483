import ConnectorKit
import ConnectorProtocol

/// Chooses datastores for disks: what was wished for, the target's own, or the one with the most free space.
struct DatastoreChooser: Sendable {
  /// Those that the machine's hosts have.
  var candidates: [Entity]
  var `default`: String?

  /// The name of the datastore; nil where there is none, and why is among the findings.
  func choose(_ wish: String?, _ at: String, _ findings: inout Findings) -> String? {
    guard let text = wish ?? self.default else { return roomiest(&findings) }
    let found = candidates.filter { $0.answers(to: text) }
    guard let entity = found.first, found.count == 1 else {
      let what = found.isEmpty ? "There is no datastore '\(text)' here." : "There are several datastores '\(text)'."
      findings.block(
        "mapping.storage", what, at: at,
        action: "Choose one of \(candidates.map(found.isEmpty ? \.name : \.path).joined(separator: ", ")).")
      return nil
    }
    if let why = Eligibility.why(entity) {
      findings.block(
        "storage.unusable", "Datastore '\(entity.name)' cannot be used: \(why).", at: at,
        action: "Choose another, or bring this one back into service.")
    }
    return entity.name
  }

  private func roomiest(_ findings: inout Findings) -> String? {
    let usable = candidates.filter { Eligibility.why($0) == nil }
    guard let best = usable.max(by: { ($0.int("summary.freeSpace") ?? 0) < ($1.int("summary.freeSpace") ?? 0) }) else {
      let why = candidates.compactMap { entity in Eligibility.why(entity).map { "\(entity.name): \($0)" } }
      findings.block(
        "storage.none", "No datastore that the hosts here have can be used.", at: "/mapping/storage",
        action: "Bring one into service, or choose another cluster or host.",
        detail: why.isEmpty ? nil : why.joined(separator: "; "))
      return nil
    }
    let note = "Datastore '\(best.name)' is taken: of those here it has the most free space."
    if candidates.count > 1, !findings.diagnostics.contains(where: { $0.summary == note }) {
      findings.note("storage.defaulted", note, at: "/mapping/storage")
    }
    return best.name
  }

  /// Room for what the disks take at once.
  func checkSpace(_ disks: [MachinePlan.Disk], dense: Bool, _ findings: inout Findings) {
    var needed: [String: Int64] = [:]
    for disk in disks {
      guard let name = disk.datastore else { continue }
      let takes = dense || disk.provisioning != .thin ? disk.sizeBytes : disk.allocatedBytes ?? 0
      let (sum, overflow) = needed[name, default: 0].addingReportingOverflow(takes)
      needed[name] = overflow ? .max : sum
    }
    for (name, bytes) in needed.sorted(by: { $0.key < $1.key }) {
      guard let free = candidates.first(where: { $0.name == name })?.int("summary.freeSpace"), free < bytes else {
        continue
      }
      findings.block(
        "capacityExhausted",
        "\(ByteSize.text(bytes)) are needed on datastore '\(name)', \(ByteSize.text(free)) are free.",
        at: "/disks", action: "Free space there, or map disks to another datastore.")
    }
  }
}

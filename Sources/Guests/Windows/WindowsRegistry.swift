import CGuestfs
import Support

/// Changes the registry of a guest, hive by hive, and reads back what it has written.
struct WindowsRegistry {
  let guest: GuestfsHandle
  let windows: WindowsGuest

  /// - Returns: What was changed. Edits that the registry satisfies already change nothing, and write nothing.
  func apply(_ edits: RegistryEdits) throws(AscendError) -> [PreparationReport.FileChange] {
    let system = try apply(edits.system, to: windows.system, "SYSTEM")
    return try system + apply(edits.software, to: windows.software, "SOFTWARE")
  }

  private func apply(
    _ edits: [RegistryEdit], to path: String, _ name: String
  ) throws(AscendError) -> [PreparationReport.FileChange] {
    var changes: [PreparationReport.FileChange] = []
    try RegistryHive.with(guest, path, writable: true) { hive throws(AscendError) in
      for edit in edits where try !hive.satisfies(edit) {
        changes.append(try change(edit, name, hive))
        try hive.apply(edit)
      }
      if !changes.isEmpty { try hive.commit() }
    }
    guard !changes.isEmpty else { return [] }
    try guest.run("writing to disk") { guestfs_sync($0) }
    try RegistryHive.with(guest, path) { hive throws(AscendError) in
      for edit in edits where try !hive.satisfies(edit) {
        throw AscendError(
          "guest.verificationFailed", "The registry does not hold what was written to it",
          object: "\(name)\\\(edit.key.joined(separator: "\\"))",
          remedy: "Restore without guest preparation, and report this as a defect")
      }
    }
    return changes
  }

  private func change(
    _ edit: RegistryEdit, _ name: String, _ hive: RegistryHive
  ) throws(AscendError) -> PreparationReport.FileChange {
    let key = "\(name)\\\(edit.key.joined(separator: "\\"))"
    switch edit {
    case .makeKey: return .init(path: key, after: "a key")
    case .deleteKey: return .init(path: key, before: "a key")
    case .set(let place, let value, let new):
      return .init(
        path: "\(key)\\\(value.isEmpty ? "@" : value)", before: try hive.value(place, value)?.description,
        after: new.description)
    }
  }
}

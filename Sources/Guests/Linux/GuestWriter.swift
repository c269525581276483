import CGuestfs
import Foundation
import Support

/// Writes to a guest's files, remembers what it changed, and keeps SELinux labels right. Mounted for writing.
final class GuestWriter {
  let guest: GuestfsHandle
  private let labels: SELinuxLabels
  private(set) var changes: [PreparationReport.FileChange] = []
  private(set) var warnings: [String] = []

  init(guest: GuestfsHandle) throws(AscendError) {
    self.guest = guest
    labels = try SELinuxLabels(guest: guest)
  }

  /// Takes note of a change that was made otherwise.
  func note(_ change: PreparationReport.FileChange) { changes.append(change) }

  func warn(_ text: String) {
    if !warnings.contains(text) { warnings.append(text) }
  }

  /// A configuration file as text; nil where there is none, or where changing it would spoil it.
  func text(_ path: String) throws(AscendError) -> String? {
    guard try guest.isFile(path) else { return nil }
    let bytes = try guest.read(path, limit: 1 << 20)
    // Text that is not UTF-8 would not survive being decoded and written again.
    guard let text = String(validating: bytes, as: UTF8.self) else {
      warn("\(path) was not looked at: it is not UTF-8 text")
      return nil
    }
    return text
  }

  /// Rewrites device names in a file.
  /// - Returns: The new text if it changed.
  @discardableResult
  func rewrite(
    _ path: String, _ body: (String) throws(AscendError) -> DeviceNameRewrite.Outcome
  ) throws(AscendError) -> String? {
    guard let text = try text(path) else { return nil }
    let outcome = try body(text)
    for warning in outcome.warnings { warn("\(path): \(warning)") }
    guard outcome.text != text else { return nil }
    try guest.write(path, outcome.text)
    changes += outcome.changes.map { .init(path: path, before: $0.before, after: $0.after) }
    return outcome.text
  }

  /// Gives a file this content; nothing happens where it has it. A new file gets the label of its folder.
  /// - Parameter mode: Of a file that is not there yet.
  func put(_ path: String, _ content: String, mode: Int32 = 0o644) throws(AscendError) {
    let old = try text(path)
    guard old != content else { return }
    let isNew = try !guest.exists(path)
    if isNew { try folder(Self.parent(path)) }
    try guest.write(path, content)
    if isNew {
      try guest.run("setting the mode of", path) { guestfs_chmod($0, mode, path) }
      try labels.inherit(path)
    }
    record(path, old, content)
  }

  /// Copies a local file into the guest; for content that is no text. Nothing happens where it is there already.
  func upload(_ file: String, to path: String, mode: Int32) throws(AscendError) {
    let isNew = try !guest.exists(path)
    if !isNew, try holds(path, file) { return }
    if isNew { try folder(Self.parent(path)) }
    try guest.run("writing", path) { guestfs_upload($0, file, path) }
    try guest.run("setting the mode of", path) { guestfs_chmod($0, mode, path) }
    if isNew { try labels.inherit(path) }
    changes.append(.init(path: path, after: "a copy of \(file)"))
  }

  private func holds(_ path: String, _ file: String) throws(AscendError) -> Bool {
    guard try guest.isFile(path), let local = FileManager.default.contents(atPath: file),
      try guest.size(path) == Int64(local.count)
    else { return false }
    return try guest.read(path, limit: Int64(local.count)) == [UInt8](local)
  }

  func remove(_ path: String, keeping content: String? = nil) throws(AscendError) {
    try guest.removeFile(path)
    changes.append(.init(path: path, before: content ?? "it was there"))
  }

  /// Puts a file out of the way under another name.
  func setAside(_ path: String) throws(AscendError) {
    var kept = path + ".pre-restore"
    // What an earlier restore put there stays.
    for number in 2...100 where try guest.exists(kept) { kept = "\(path).pre-restore-\(number)" }
    try guest.rename(path, to: kept)
    changes.append(.init(path: path, before: "kept as \(kept)"))
  }

  /// Makes a symbolic link, in place of one of that name. A file of that name stays, and false is the answer.
  @discardableResult
  func link(_ path: String, to target: String) throws(AscendError) -> Bool {
    if let old = try linkTarget(path) {
      if old == target { return true }
      try guest.removeFile(path)
    } else if try guest.exists(path) {
      return false
    }
    try folder(Self.parent(path))
    try guest.run("linking", path) { guestfs_ln_s($0, target, path) }
    try labels.inherit(path)
    changes.append(.init(path: path, after: "a link to \(target)"))
    return true
  }

  func linkTarget(_ path: String) throws(AscendError) -> String? {
    guard try guest.bool("looking at", path, { guestfs_is_symlink($0, path) }) else { return nil }
    return try guest.text("reading", path) { guestfs_readlink($0, path) }
  }

  /// Gives a file that a program of the guest made the label of its folder.
  func label(_ path: String) throws(AscendError) { try labels.inherit(path) }

  /// To be called when programs of the guest run, whatever they then do to its files.
  func programsRan() { labels.programsRan() }

  /// Last of all: where labels could not be set, the guest sets all of them at its first start.
  func finish() throws(AscendError) {
    guard labels.incomplete, try !guest.exists("/.autorelabel") else { return }
    try guest.run("writing", "/.autorelabel") { guestfs_touch($0, "/.autorelabel") }
    changes.append(.init(path: "/.autorelabel", after: "SELinux labels are set at the first start"))
  }

  private func folder(_ path: String) throws(AscendError) {
    var missing: [String] = []
    var path = path
    while path != "/", try !guest.exists(path) {
      missing.append(path)
      path = Self.parent(path)
    }
    for folder in missing.reversed() {
      try guest.run("making", folder) { guestfs_mkdir($0, folder) }
      try labels.inherit(folder)
    }
  }

  private func record(_ path: String, _ old: String?, _ new: String) {
    guard let old else {
      changes.append(.init(path: path, after: new))
      return
    }
    // What is new is enough for a reader: a block or a line in a long file.
    let before = Set(old.split(separator: "\n"))
    let after = Set(new.split(separator: "\n"))
    let gone = old.split(separator: "\n").filter { !after.contains($0) }
    let added = new.split(separator: "\n").filter { !before.contains($0) }
    changes.append(
      .init(
        path: path, before: gone.isEmpty ? nil : gone.joined(separator: "\n"),
        after: added.isEmpty ? nil : added.joined(separator: "\n")))
  }

  static func parent(_ path: String) -> String {
    let parts = path.split(separator: "/").dropLast()
    return "/" + parts.joined(separator: "/")
  }
}

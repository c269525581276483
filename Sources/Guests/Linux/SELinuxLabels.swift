import CGuestfs
import Glibc
import Support

/// Gives new files of a guest with SELinux the label of the folder they are in, as the kernel would have done.
///
/// The appliance has no tool that knows the guest's policy. Without a label a program that is confined could not read
/// a new file; relabelling the whole guest at its first start takes minutes, and is kept for where this does not work and
/// for after programs of the guest's have run.
final class SELinuxLabels {
  private static let attribute = "security.selinux"

  private let guest: GuestfsHandle
  private let enabled: Bool
  /// A file of ours may have no right label.
  private(set) var incomplete = false

  init(guest: GuestfsHandle) throws(AscendError) {
    self.guest = guest
    let configuration = try guest.readText("/etc/selinux/config", limit: 64 << 10) ?? ""
    // Without labels on anything the guest was never labelled, or sets them all at its next start anyhow.
    let isLabelled = try Self.label(guest, "/etc") != nil
    enabled = isLabelled && Self.isEnabled(configuration)
  }

  static func isEnabled(_ configuration: String) -> Bool {
    configuration.split(whereSeparator: \.isNewline).contains { line in
      let halves = line.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, halves[0].filter({ !$0.isWhitespace }) == "SELINUX" else { return false }
      return ["enforcing", "permissive"].contains(halves[1].filter { !$0.isWhitespace }.lowercased())
    }
  }

  /// Programs of the guest have run: what they made has no label, and which it should have only its own policy knows (a
  /// new `/etc/shadow` has not that of its folder).
  func programsRan() {
    if enabled { incomplete = true }
  }

  func inherit(_ path: String) throws(AscendError) {
    guard enabled else { return }
    guard let label = try Self.label(guest, GuestWriter.parent(path)) else {
      incomplete = true
      return
    }
    let done: Void? = try guest.optional { () throws(AscendError) in
      try guest.run("labelling", path) {
        guestfs_lsetxattr($0, Self.attribute, label, Int32(clamping: label.utf8.count + 1), path)
      }
    }
    if done == nil { incomplete = true }
  }

  private static func label(_ guest: GuestfsHandle, _ path: String) throws(AscendError) -> String? {
    try guest.checkpoint()
    var size = 0
    guard let bytes = guestfs_lgetxattr(guest.raw, path, attribute, &size) else { return nil }
    defer { free(bytes) }
    let text = UnsafeRawBufferPointer(start: bytes, count: size).prefix { $0 != 0 }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }
}

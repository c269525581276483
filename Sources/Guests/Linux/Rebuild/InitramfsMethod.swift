/// How drivers reach a Linux guest's initramfs.
public enum InitramfsMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// An archive with them is appended to it. No program of the guest runs.
  case append
  /// The guest's own tool makes it anew, in the appliance; where that cannot be, they are appended.
  case rebuild
}

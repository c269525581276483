/// What `machine/verify` can look at.
enum CheckKind: String, CaseIterable, Sendable {
  /// The server says that the machine runs.
  case powered
  /// VMware Tools (or open-vm-tools) run in the guest.
  case agent
  /// The guest has told an address.
  case ip
  /// There is a picture of the console.
  case screenshot
}

/// What `machine/verify` can look at.
enum CheckKind: String, CaseIterable, Sendable {
  /// EC2 says that the instance runs, and its status checks pass: the host is sound, and the guest answers.
  case powered
  /// The console has text of the guest, and nothing in it says that the boot failed.
  case bootlog
  /// The instance has its addresses.
  case ip
  /// There is a picture of the console.
  case screenshot
}

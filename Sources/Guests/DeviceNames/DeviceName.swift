/// A Linux disk or partition by its place (`/dev/sda1`): a name that changes with the controller it hangs on.
struct DeviceName: Hashable, Sendable {
  /// The place of the disk among those of its kind, from 0.
  var disk: Int
  /// Nil for the whole disk.
  var partition: Int?

  /// Nil for every name that does not depend on the controller: `/dev/mapper/…`, `/dev/disk/by-uuid/…`, `/dev/md0`.
  init?(_ path: some StringProtocol) {
    if let match = String(path).wholeMatch(of: /\/dev\/(?:sd|hd|vd|xvd)([a-z]{1,3})([0-9]{1,3})?/) {
      disk = match.1.utf8.reduce(0) { $0 * 26 + Int($1 - 0x60) } - 1
      partition = match.2.flatMap { Int($0) }
    } else if let match = String(path).wholeMatch(of: /\/dev\/nvme([0-9]{1,3})n1(?:p([0-9]{1,3}))?/) {
      guard let index = Int(match.1) else { return nil }
      disk = index
      partition = match.2.flatMap { Int($0) }
    } else {
      return nil
    }
  }
}

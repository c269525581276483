/// A Linux disk or partition by a name that changes with the controller it hangs on: by its place (`/dev/sda1`), or a
/// partition by the path to its controller or by what that calls its disk (`/dev/disk/by-id/ata-VBOX_HARDDISK-part2`).
struct DeviceName: Hashable, Sendable {
  /// The place of the disk among those of its kind, from 0; nil for a name that does not tell it.
  var disk: Int?
  /// Nil for the whole disk.
  var partition: Int?

  init(disk: Int?, partition: Int?) {
    self.disk = disk
    self.partition = partition
  }

  /// Nil for every name that does not depend on the controller: `/dev/mapper/…`, `/dev/disk/by-uuid/…`, `/dev/md0`.
  init?(_ path: some StringProtocol) {
    if let match = String(path).wholeMatch(of: /\/dev\/(?:sd|hd|vd|xvd)([a-z]{1,3})([0-9]{1,3})?/) {
      disk = match.1.utf8.reduce(0) { $0 * 26 + Int($1 - 0x60) } - 1
      partition = match.2.flatMap { Int($0) }
    } else if let match = String(path).wholeMatch(of: /\/dev\/nvme([0-9]{1,3})n1(?:p([0-9]{1,3}))?/) {
      guard let index = Int(match.1) else { return nil }
      disk = index
      partition = match.2.flatMap { Int($0) }
    } else if let match = String(path).wholeMatch(of: /\/dev\/disk\/by-(?:id|path)\/([^\/]+)-part([0-9]{1,3})/) {
      // Names that the content gives, and not the hardware.
      guard !["dm-", "md-", "lvm-"].contains(where: match.1.hasPrefix) else { return nil }
      partition = Int(match.2)
    } else {
      return nil
    }
  }
}

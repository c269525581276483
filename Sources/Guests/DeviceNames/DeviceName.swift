/// A Linux disk or partition by a name that changes with the controller it hangs on: by its place (`/dev/sda1`), or by
/// the path to its controller or by what that calls its disk (`/dev/disk/by-id/ata-VBOX_HARDDISK-part2`).
struct DeviceName: Hashable, Sendable {
  /// The place of the disk among those of its kind, from 0; nil for a name that does not tell it.
  var disk: Int?
  /// Nil for the whole disk.
  var partition: Int?
  /// What such a name calls the disk: the same for all of its partitions.
  var stem: String?
  /// The disk that a cloud gives each machine anew, and that no backup holds.
  var isTemporary = false

  init(disk: Int?, partition: Int?) {
    self.disk = disk
    self.partition = partition
  }

  /// Nil for every name that does not depend on the controller: `/dev/mapper/…`, `/dev/disk/by-uuid/…`, `/dev/md0`.
  init?(_ path: some StringProtocol) {
    let path = String(path)
    if let match = path.wholeMatch(of: /\/dev\/(?:sd|hd|vd|xvd)([a-z]{1,3})([0-9]{1,3})?/) {
      disk = match.1.utf8.reduce(0) { $0 * 26 + Int($1 - 0x60) } - 1
      partition = match.2.flatMap { Int($0) }
    } else if let match = path.wholeMatch(of: /\/dev\/nvme([0-9]{1,3})n1(?:p([0-9]{1,3}))?/) {
      guard let index = Int(match.1) else { return nil }
      disk = index
      partition = match.2.flatMap { Int($0) }
    } else if let match = path.wholeMatch(of: /\/dev\/((?:cciss|ida)\/c([0-9]{1,2})d([0-9]{1,3}))(?:p([0-9]{1,3}))?/) {
      // Old array controllers; where disks of a second one come is not known.
      disk = match.2 == "0" ? Int(match.3) : nil
      stem = String(match.1)
      partition = match.4.flatMap { Int($0) }
    } else if let match = path.wholeMatch(of: /\/dev\/disk\/by-(?:id|path)\/([^\/]+)/) {
      // Names that the content gives, and not the hardware.
      guard !["dm-", "md-", "lvm-"].contains(where: match.1.hasPrefix) else { return nil }
      (stem, partition) = Self.parts(match.1)
    } else if let match = path.wholeMatch(of: /\/dev\/disk\/(?:azure\/|cloud\/azure_)([^\s]+)/) {
      (stem, partition) = Self.parts(match.1)
      isTemporary = match.1.hasPrefix("resource")
    } else {
      return nil
    }
  }

  /// The disk's name, and the partition's number that may stand behind it.
  private static func parts(_ name: Substring) -> (String, Int?) {
    guard let match = name.wholeMatch(of: /(.+)-part([0-9]{1,3})/) else { return (String(name), nil) }
    return (String(match.1), Int(match.2))
  }
}

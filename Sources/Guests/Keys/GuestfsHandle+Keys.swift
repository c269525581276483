import CGuestfs
import Support

extension GuestfsHandle {
  /// An encrypted volume that is open.
  struct OpenedVolume {
    /// `/dev/sda2`
    var device: String
    /// `luks` or `bitlk`
    var type: String
    /// `luks-UUID`: the name of its content below `/dev/mapper`.
    var name: String
    /// Kept while the appliance runs, to open it again under the name that the guest has for it.
    var passphrase: [UInt8]

    var mapped: String { "/dev/mapper/\(name)" }
  }

  /// Opens an encrypted volume. libguestfs keeps its key out of its own messages.
  func open(_ device: String, _ type: String, _ passphrase: [UInt8], as name: String) throws(AscendError) {
    let text = passphrase.map { CChar(bitPattern: $0) } + [0]
    try run("opening", device) { raw in
      text.withUnsafeBufferPointer { text in
        guard let key = text.baseAddress else { return -1 }
        return ascend_guestfs_cryptsetup_open(raw, device, key, name, type)
      }
    }
    opened.append(OpenedVolume(device: device, type: type, name: name, passphrase: passphrase))
  }

  func close(_ volume: OpenedVolume) throws(AscendError) {
    try run("closing", volume.device) { guestfs_cryptsetup_close($0, volume.mapped) }
    opened.removeAll { $0.device == volume.device }
  }

  /// Closes all of them, the last one first. Nothing may be mounted.
  func closeVolumes() throws(AscendError) {
    guard !opened.isEmpty else { return }
    try run("stopping volume groups") { guestfs_vg_activate_all($0, 0) }
    for volume in opened.reversed() { try close(volume) }
  }
}

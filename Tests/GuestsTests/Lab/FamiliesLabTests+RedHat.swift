import CGuestfs
import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

extension FamiliesLabTests {
  /// Red Hat with UEFI, `/boot` and an EFI system partition, through everything that preparation does in an appliance.
  func prepareRedHat() async throws -> After {
    let folder = try TemporaryFolder()
    let script = folder.url.appendingPathComponent("hello").path
    try Data("#!/bin/sh\necho hello\n".utf8).write(to: URL(fileURLWithPath: script))
    let change = folder.url.appendingPathComponent("change").path
    try Data("#!/bin/sh\necho root:*:1:::::: > /etc/shadow\n".utf8).write(to: URL(fileURLWithPath: change))
    // This computer's shell, for a guest in which something can be run.
    let shell = try Lab.run("ldd", ["/bin/dash"]).split(whereSeparator: \.isWhitespace).map(String.init)
      .filter { $0.hasPrefix("/") }
    var tree = try SyntheticTree.redHat("/dev/sda3")
    tree.files["etc/fstab"] = Array(
      ("/dev/sda3 / ext4 defaults 1 1\n/dev/sda2 /boot ext4 defaults 1 2\n"
        + "/dev/sda1 /boot/efi vfat umask=0077 0 2\n/dev/mapper/rl-swap none swap defaults 0 0\n").utf8)
    let entry = "boot/loader/entries/aabb-\(tree.version).conf"
    tree.files[entry] = Array(tree.text(entry).replacing(" /boot/", with: " /").utf8)
    for loader in ["shimx64.efi", "grubx64.efi"] { tree.files["boot/efi/EFI/rocky/\(loader)"] = Array(loader.utf8) }
    let made = tree
    let wish = Self.wish(made, script)
    return try await Appliance.with(
      [try made.makeUEFIDisk(in: folder)], options: .init(), logger: Logger(label: "test")
    ) {
      guest throws(AscendError) in
      try guest.mount("/dev/sda3", at: "/", readOnly: false)
      for path in ["/etc", "/etc/systemd", "/etc/systemd/network", "/var"] {
        if try !guest.exists(path) { try guest.makeFolder(path) }
        let label = "system_u:object_r:etc_t:s0"
        try guest.run("labelling", path) {
          guestfs_lsetxattr($0, "security.selinux", label, Int32(label.utf8.count + 1), path)
        }
      }
      for file in ["/bin/dash"] + shell {
        let path = file == "/bin/dash" ? "/bin/sh" : file
        // Not for links, which it takes for files.
        if try !guest.isDirectory(GuestWriter.parent(path)) { try guest.makeFolder(GuestWriter.parent(path)) }
        try guest.run("writing", path) { guestfs_upload($0, file, path) }
        try guest.run("setting the mode of", path) { guestfs_chmod($0, 0o755, path) }
      }
      func run(_ wish: LinuxWish) throws(AscendError) -> PreparationReport {
        try guest.unmountAll()
        return try GuestPreparer.prepare(guest, Self.needs, nil, [], WindowsWish(), wish) { _ in }
      }
      let report = try run(wish)
      var after = try Self.look(guest, made, report, try run(wish))
      after.scripted = try run(LinuxWish(runScripts: [change]))
      return after
    }
  }
}

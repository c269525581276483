import Support
import Testing

@testable import Guests

/// Disks that blkid knows this of.
private struct Disks: DeviceReading {
  var facts: [String: [String: String]]
  var types: [String: String] = [:]
  var openedNames: [String] { [] }

  func disks() throws(AscendError) -> [String] {
    Set(facts.keys.filter { $0.hasPrefix("/dev/sd") }.map { String($0.prefix(8)) }).sorted()
  }

  func filesystems() throws(AscendError) -> [(key: String, value: String)] {
    facts.keys.sorted().map { ($0, types[$0] ?? facts[$0]?["TYPE"] ?? "unknown") }
  }

  func blkid(_ device: String) throws(AscendError) -> [String: String] { facts[device] ?? [:] }
}

@Suite("Mounts of disks that the machine does not have")
struct MountTableTests {
  private static let disks = Disks(facts: [
    "/dev/sda1": ["TYPE": "ext4", "UUID": "root-1"], "/dev/sda2": ["TYPE": "swap", "UUID": "swap-1"],
    "/dev/sdb": ["TYPE": "xfs", "UUID": "data-1", "LABEL": "My Data"],
    "/dev/vg/home": ["TYPE": "ext4", "UUID": "home-1"],
  ])

  private func mounts(
    _ text: String, _ disks: Disks = Self.disks, hasLocked: Bool = false, made: Set<String> = []
  ) throws -> DeviceNameRewrite.Outcome {
    try LinuxTables.mounts(
      text, StableNames(guest: disks, hasLocked: hasLocked), root: "/dev/sda1", made: made)
  }

  @Test("a whole disk by id becomes its UUID where one disk can be meant")
  func wholeDisk() throws {
    let outcome = try mounts("UUID=root-1 / ext4 defaults 0 1\n/dev/disk/by-id/scsi-36000c29 /data xfs defaults 0 0\n")
    #expect(outcome.text == "UUID=root-1 / ext4 defaults 0 1\nUUID=data-1 /data xfs defaults 0 0\n")
    #expect(outcome.warnings == [])
  }

  @Test(
    "what is on no disk of the machine is not waited for",
    arguments: [
      "/dev/sdc1 /data xfs defaults 0 2", "UUID=gone /data xfs defaults 0 2", "LABEL=gone /data xfs defaults 0 2",
      "/dev/disk/by-uuid/gone /data xfs defaults 0 2", "/dev/lost/lv /data xfs defaults 0 2",
      "/dev/mapper/lost-lv /data xfs defaults 0 2", "/dev/disk/by-id/wwn-0x5-part1 /data btrfs defaults 0 2",
      "/dev/disk/azure/resource-part1 /data ext4 defaults 0 2", "UUID=gone none swap defaults 0 2",
      "UUID=gone /boot/more vfat defaults 0 2",
    ])
  func lost(row: String) throws {
    let text = "UUID=root-1 / ext4 defaults 0 1\n\(row)\n"
    let outcome = try mounts(text)
    #expect(outcome.text == text.replacing(" defaults 0 2", with: " defaults,nofail 0 2"))
    #expect(outcome.warnings.contains { $0.contains("(nofail)") })
    // A second time there is nothing to do or to say.
    let again = try mounts(outcome.text)
    #expect(again.text == outcome.text && again.changes == [])
  }

  @Test(
    "what is there, is not waited for, or cannot be told stays as it is",
    arguments: [
      "UUID=root-1 / ext4 defaults 0 1", "UUID=gone / ext4 defaults 0 1", "UUID=gone /boot ext4 defaults 0 2",
      "UUID=DATA-1 /data xfs defaults 0 0", "LABEL=My\\040Data /data xfs defaults 0 0",
      "/dev/disk/by-label/My\\x20Data /data xfs defaults 0 0", "/dev/vg/home /home ext4 defaults 0 2",
      "/dev/mapper/vg-home /home ext4 defaults 0 2", "UUID=gone /data xfs noauto 0 0",
      "UUID=gone /data xfs defaults,nofail 0 0", "UUID=gone /data xfs _netdev 0 0",
      "UUID=gone /data xfs x-systemd.automount 0 0", "nas:/export /data nfs defaults 0 0",
      "//nas/share /data cifs defaults 0 0", "tmpfs /tmp tmpfs defaults 0 0", "/srv /export none bind 0 0",
      "/dev/md0 /data xfs defaults 0 0", "/dev/mapper/data_crypt /data xfs defaults 0 0",
      "/dev/mapper/data-crypt /data xfs defaults 0 0", "/dev/mapper/luks-0b6e8a3c /data xfs defaults 0 0",
    ])
  func stays(row: String) throws {
    #expect(try mounts(row, made: ["data-crypt"]).text == row)
  }

  @Test("nothing is called lost while something stays locked")
  func locked() throws {
    let row = "UUID=gone /data xfs defaults 0 0"
    #expect(try mounts(row, hasLocked: true).text == row)
    var disks = Self.disks
    disks.facts["/dev/vg/thin"] = [:]
    #expect(try mounts(row, disks).text == row)
  }

  @Test("a name that does not tell its disk never takes what another row names")
  func claimed() throws {
    // The disk that it means is not in the backup: the only such partition is the root's.
    let named = try mounts("UUID=root-1 / ext4 defaults 0 1\n/dev/disk/by-id/wwn-5-part1 /data ext4 defaults 0 2\n")
    #expect(named.text.hasSuffix("/dev/disk/by-id/wwn-5-part1 /data ext4 defaults,nofail 0 2\n"))
    var disks = Self.disks
    disks.facts["/dev/sdb"] = nil
    disks.facts["/dev/sdb1"] = ["TYPE": "ext4", "UUID": "data-1"]
    // The root tells which disk its name means, and so what the other name does.
    let both = try mounts(
      "/dev/disk/by-id/wwn-5-part1 /data ext4 defaults 0 2\n/dev/disk/by-id/wwn-4-part1 / ext4 defaults 0 1\n", disks)
    #expect(both.text == "UUID=data-1 /data ext4 defaults 0 2\nUUID=root-1 / ext4 defaults 0 1\n")
    // Two names for what can be only one filesystem.
    let third = try mounts(
      "UUID=root-1 / ext4 defaults 0 1\n/dev/disk/by-id/a-part1 /a ext4 defaults 0 2\n"
        + "/dev/disk/by-id/b-part1 /b ext4 defaults 0 2\n", disks)
    #expect(
      third.text.contains("UUID=data-1 /a ext4 defaults 0 2\n/dev/disk/by-id/b-part1 /b ext4 defaults,nofail 0 2"))
  }

  @Test("a row without options gets them")
  func options() throws {
    #expect(try mounts("UUID=gone\t/data\txfs\n").text == "UUID=gone\t/data\txfs defaults,nofail\n")
  }
}

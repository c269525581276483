import Testing

@testable import Guests

@Suite("The system among its snapshots")
struct SystemRootsTests {
  private typealias Candidate = SystemRoots.Candidate

  private func subvolume(
    _ path: String, isDefault: Bool = false, readOnly: Bool = false, named: String? = nil
  ) -> Candidate {
    Candidate(
      root: isDefault ? "/dev/sda2" : "btrfsvol:/dev/sda2/\(path)", device: "/dev/sda2", subvolume: path,
      isDefault: isDefault, isReadOnly: readOnly, named: named)
  }

  private func chosen(_ candidates: [Candidate]) -> [String] { SystemRoots.choose(candidates).map(\.subvolume) }

  @Test("SUSE: the default subvolume, which may itself be where snapper keeps snapshots")
  func snapper() {
    #expect(
      chosen([
        subvolume("@/.snapshots/1/snapshot", isDefault: true), subvolume("@/.snapshots/2/snapshot", readOnly: true),
        subvolume("@/.snapshots/3/snapshot"),
      ]) == ["@/.snapshots/1/snapshot"])
    // After a return to a snapshot the one that the system was in is left.
    #expect(
      chosen([subvolume("@/.snapshots/1/snapshot"), subvolume("@/.snapshots/9/snapshot", isDefault: true)])
        == ["@/.snapshots/9/snapshot"])
  }

  @Test("Ubuntu: the subvolume beside Timeshift's, where the default one is no system")
  func timeshift() {
    #expect(
      chosen([subvolume("@", named: "@"), subvolume("timeshift-btrfs/snapshots/2026-01-01_10-00-00/@", named: "@")])
        == ["@"])
  }

  @Test("a clone under any name has the original's in its fstab")
  func clones() {
    #expect(chosen([subvolume("root", named: "root"), subvolume("before-update", named: "root")]) == ["root"])
    #expect(chosen([subvolume("root", named: nil), subvolume("old", readOnly: true)]) == ["root"])
    // The default one is a clone, and the boot entry names another.
    #expect(chosen([subvolume("clone", isDefault: true, named: "@"), subvolume("@", named: "@")]) == ["@"])
    // An fstab without a name means the default one.
    #expect(chosen([subvolume("", isDefault: true), subvolume("clone")]) == [""])
  }

  @Test("two systems on one filesystem stay two")
  func several() {
    let both = [subvolume("fedora", named: "fedora"), subvolume("debian", named: "debian")]
    #expect(SystemRoots.choose(both) == both)
    let unclear = [subvolume("a"), subvolume("b")]
    #expect(SystemRoots.choose(unclear) == unclear)
    #expect(chosen([subvolume("x/.snapshots/1/snapshot"), subvolume("x/.snapshots/2/snapshot")]).count == 2)
  }

  @Test(
    "the subvolume of / in an fstab",
    arguments: [
      ("UUID=a / btrfs defaults,subvol=/@,ssd 0 0\n", "@"), ("UUID=a / btrfs subvol=root 0 0", "root"),
      ("UUID=a /home btrfs subvol=home 0 0\nUUID=a / btrfs defaults 0 0", nil),
      ("# UUID=a / btrfs subvol=x 0 0\n/dev/sda2 / btrfs subvol=@/.snapshots/1/snapshot", "@/.snapshots/1/snapshot"),
      ("", nil),
    ] as [(String, String?)])
  func fstab(table: String, subvolume: String?) {
    #expect(SystemRoots.rootSubvolume(table) == subvolume)
  }
}

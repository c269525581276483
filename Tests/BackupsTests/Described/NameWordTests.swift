import Testing

@testable import Backups

@Suite struct NameWordTests {
  @Test(arguments: [
    ("vol-0abc", "web-vol-0abc.raw", true), ("vol-0abc", "VOL-0ABC.vhd", true), ("vol-0abc", "vol-0abcd.raw", false),
    ("vol-0abc", "xvol-0abc.raw", false), ("sda1", "sda1.raw", true), ("sda", "sda1.raw", false),
    ("/dev/sda1", "dev-sda1.raw", true), ("scsi.0", "scsi.0.qcow2", true), ("scsi.0", "scsi.01.qcow2", false),
    ("data disk", "data-disk.vhd", true), ("e", "é.raw", false), ("a", "", false),
  ])
  func isFoundAsAWord(_ identifier: String, _ name: String, _ found: Bool) throws {
    #expect((try #require(NameWord(identifier)).place(in: name) != nil) == found)
  }

  @Test func nothingIsNoWord() {
    for text in ["", "/", "- /:"] { #expect(NameWord(text) == nil) }
  }

  @Test func theRestTellsCopiesApart() throws {
    let word = try #require(NameWord("vol-1"))
    #expect(word.rest(of: "a/vol-1.2026-01-02.full.qcow2") == "a-2026-01-02-full")
    #expect(word.rest(of: "vol-1.qcow2") == "")
    #expect(word.rest(of: "vol-1") == "")
  }
}

import Testing

@testable import Guests

@Suite("Filters of LVM")
struct VolumeFilterTests {
  private let any = "\"\(VolumeFilter.anyDisk)\", "

  @Test(
    "one that accepts old names and rejects all else accepts disks by any name",
    arguments: [
      ("filter = [ \"a|^/dev/sd.*|\", \"r|.*|\" ]", "filter = [ \"a|^/dev/sd.*|\", +\"r|.*|\" ]"),
      (
        "\tglobal_filter=[\"a|/dev/disk/by-id/scsi-36000.*|\",\"r/.*/\"]",
        "\tglobal_filter=[\"a|/dev/disk/by-id/scsi-36000.*|\",+\"r/.*/\"]"
      ),
      (
        "devices {\n  # filter = [ \"a|.*|\" ]\n  filter = [ \"r|/dev/sda[34]|\",\n    \"a|/dev/sd.*|\", # mine ]\n    \"r|.*|\" ]\n}",
        "devices {\n  # filter = [ \"a|.*|\" ]\n  filter = [ \"r|/dev/sda[34]|\",\n    \"a|/dev/sd.*|\", # mine ]\n    +\"r|.*|\" ]\n}"
      ),
    ])
  func widens(before: String, after: String) {
    let new = VolumeFilter.widened(before)
    #expect(new == after.replacing("+", with: any))
    #expect(VolumeFilter.widened(new) == new)
    #expect(!new.split(separator: "\n").contains { VolumeDevices.keepsOldNames($0.trimmed) })
  }

  @Test(
    "another one stays",
    arguments: [
      "filter = [ \"a|.*|\" ]", "# filter = [ \"a|/dev/sd.*|\", \"r|.*|\" ]", "filter = [ \"r|/dev/sdb|\" ]",
      "filter = [ \"a|/dev/mapper/.*|\", \"r|.*|\" ]", "filter = [ \"a|/dev/sd", "filter = \"r|/dev/cdrom|\"",
      "thin_filter = [ \"a|/dev/sd.*|\", \"r|.*|\" ]", "",
    ])
  func stays(text: String) {
    #expect(VolumeFilter.widened(text) == text)
  }

  @Test("one of another form is told of")
  func told() {
    #expect(VolumeDevices.keepsOldNames("filter = [ \"a|^/dev/sd.*|\", \"r|^/dev/[^s].*|\" ]"))
    #expect(!VolumeDevices.keepsOldNames("filter = [ \"a|.*|\" ]"))
  }

  @Test("the copy in an initramfs is widened too")
  func initramfs() throws {
    let extras = InitramfsExtras()
    #expect(extras.wanted.contains("etc/lvm/lvm.conf"))
    // As long as the one that distributions ship, nearly all of it comments.
    let comments = String(repeating: "# what each setting means\n", count: 5000)
    let old = "\(comments)devices {\n filter = [ \"a|^/dev/sd.*|\", \"r|.*|\" ]\n}\n"
    let archive = ArchiveBuilder.cpio([.init(path: "etc/lvm/lvm.conf", data: Array(old.utf8))])
    let reader = InitramfsReader(wantedFiles: extras.wanted)
    let contents = try archive.withUnsafeBytes { try reader.read($0) }
    let files = try extras.files(for: contents, kernel: "6.1")
    #expect(files.map(\.path) == ["etc/lvm/lvm.conf"])
    #expect(String(decoding: try #require(files.first).bytes, as: UTF8.self) == VolumeFilter.widened(old))
  }
}

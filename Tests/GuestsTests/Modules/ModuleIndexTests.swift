import Testing

@testable import Guests

@Suite("Module index")
struct ModuleIndexTests {
  private let index = ModuleIndex(
    dep: """
      kernel/drivers/virtio/virtio.ko:
      kernel/drivers/virtio/virtio_ring.ko: kernel/drivers/virtio/virtio.ko
      kernel/drivers/block/virtio_blk.ko.xz: kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko
      kernel/drivers/scsi/scsi_mod.ko: kernel/drivers/scsi/scsi_common.ko
      kernel/drivers/scsi/scsi_common.ko:
      kernel/drivers/scsi/sd_mod.ko: kernel/drivers/scsi/scsi_mod.ko kernel/drivers/scsi/scsi_common.ko kernel/lib/crc-t10dif.ko
      kernel/lib/crc-t10dif.ko:
      kernel/arch/x86/crypto/crct10dif-pclmul.ko:
      kernel/drivers/scsi/virtio_scsi.ko: kernel/drivers/scsi/scsi_mod.ko kernel/drivers/scsi/scsi_common.ko
      /lib/modules/2.6.32/kernel/drivers/net/e1000.ko: /lib/modules/2.6.32/kernel/lib/old.ko
      /lib/modules/2.6.32/kernel/lib/old.ko:
      ../../../etc/evil.ko:
      kernel/a.ko: kernel/b.ko
      kernel/b.ko: kernel/a.ko
      not a module line
      """,
    builtin: "kernel/drivers/virtio/virtio_pci.ko\nkernel/drivers/ata/ahci.ko\n",
    softdep: "# comment\nsoftdep crc_t10dif pre: crct10dif-pclmul absent_module post:\nsoftdep broken\n")

  private func closure(_ names: String...) -> [String] { index.closure(of: names.map { ModuleName($0) }).map(\.text) }

  @Test("dependencies come first, once")
  func order() {
    #expect(closure("virtio-blk", "virtio_blk") == ["virtio", "virtio_ring", "virtio_blk"])
  }

  @Test("soft dependencies come too, where they exist")
  func soft() {
    #expect(closure("sd_mod").contains("crct10dif_pclmul"))
    #expect(!closure("sd_mod").contains("absent_module"))
  }

  @Test("compiled-in modules are there but never added")
  func builtIn() {
    #expect(closure("virtio_pci", "ahci") == [])
    #expect(index.has(ModuleName("virtio-pci")))
    #expect(!index.has(ModuleName("absent")))
  }

  @Test("hostile paths are not taken and circles end")
  func hostile() {
    #expect(index.files[ModuleName("evil")] == nil)
    #expect(Set(closure("a")) == ["a", "b"])
  }

  @Test("absolute paths of old depmods are made relative")
  func absolute() {
    #expect(index.files[ModuleName("e1000")] == "kernel/drivers/net/e1000.ko")
    #expect(closure("e1000") == ["old", "e1000"])
  }

  @Test(
    "module file names",
    arguments: [
      ("kernel/x/virtio-blk.ko", "virtio_blk"), ("a.ko.xz", "a"), ("b/a.ko.zst", "a"), ("a.ko.gz", "a"),
    ])
  func names(path: String, name: String) {
    #expect(ModuleName(path: path)?.text == name)
  }

  @Test("other file names", arguments: ["modules.dep", "a.ko.bak", ".ko", "", "a.kox"])
  func noNames(path: String) {
    #expect(ModuleName(path: path) == nil)
  }

  @Test("a plan leaves out what is there and names what cannot be")
  func plan() {
    let plan = InjectionPlan(
      drivers: ["virtio_blk", "virtio_pci", "nowhere"], index: index, present: ["virtio"])
    #expect(plan.modules.map(\.text) == ["virtio_ring", "virtio_blk"])
    #expect(plan.missing == ["nowhere"])
  }

  @Test("a SCSI host brings the disk driver along, and nothing else does")
  func scsiDisk() {
    func plan(_ driver: String, present: Set<String> = []) -> [String] {
      InjectionPlan(drivers: [driver], index: index, present: present).modules.map(\.text)
    }
    #expect(plan("virtio_scsi").contains("sd_mod"))
    #expect(!plan("virtio_blk").contains("sd_mod"))
    let all = Set(plan("virtio_scsi"))
    #expect(plan("virtio_scsi", present: all) == [])
  }
}

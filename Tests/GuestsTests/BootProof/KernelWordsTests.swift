import Foundation
import Testing

@testable import Guests

@Suite("What a kernel says of its drivers")
struct KernelWordsTests {
  /// As Debian's 6.1 said it, started without `quiet` on a machine with all of these devices.
  static let said = """
    [    7.184964] vmxnet3 0000:00:0a.0 eth0: NIC Link is Up 1000 Mbps
    [    7.620933] e1000e 0000:00:09.0 eth1: (PCI Express:2.5GT/s:Width x1) 52:54:00:12:34:57
    [    7.915254] e1000 0000:00:08.0 eth2: (PCI:33MHz:32-bit) 52:54:00:12:34:56
    [    8.361523] 8139cp 0000:00:0c.0 eth3: RTL-8139C+ at 0x000000008eafb02d, 52:54:00:12:34:5a, IRQ 20
    [    8.572608] vmw_pvscsi: using 64bit dma
    [    8.658408] scsi host0: VMware PVSCSI storage adapter rev 2, req/cmp/msg rings: 8/8/1 pages, cmd_per_lun=254
    [    8.705856] scsi 0:0:0:0: Direct-Access     QEMU     QEMU HARDDISK    2.5+ PQ: 0 ANSI: 5
    [    8.831910] pcnet32: eth4: registered as PCnet/PCI II 79C970A
    [    9.300810] ahci 0000:00:06.0: AHCI 0001.0000 32 slots 6 ports 1.5 Gbps 0x3f impl SATA mode
    [    9.312971] scsi host1: sym-2.2.3
    [    9.503707] scsi host2: ahci
    [    9.534281] scsi host3: ahci
    [   10.072152] e1000e 0000:00:09.0 enp0s9: renamed from eth1
    [   10.143314] vmxnet3 0000:00:0a.0 enp0s10: renamed from eth0
    [   10.430972] virtio_blk virtio0: [vda] 1048576 512-byte logical blocks (537 MB/512 MiB)
    [   10.468424] pcnet32 0000:00:0d.0 enp0s13: renamed from eth4
    [   10.487340] scsi host14: Virtio SCSI HBA
    [   12.633591] sd 0:0:0:0: [sda] 8192 512-byte logical blocks: (4.19 MB/4.00 MiB)
    [   12.668296] sd 2:0:0:0: [sdd] 8192 512-byte logical blocks: (4.19 MB/4.00 MiB)
    [   12.676048] sd 14:0:0:0: [sdc] 8192 512-byte logical blocks: (4.19 MB/4.00 MiB)
    [   12.730623] sd 1:0:0:0: [sdb] 8192 512-byte logical blocks: (4.19 MB/4.00 MiB)
    [   12.748625] sd 0:0:0:0: [sda] Attached SCSI disk
    [   12.962479] virtio_net virtio2 enp0s11: renamed from eth0
    [   13.031168] nvme nvme0: pci function 0000:00:05.0
    [   13.089914] nvme nvme0: 2/0/0 default/read/poll queues
    [   28.710048] sd 0:0:0:0: Attached scsi generic sg0 type 0
    lab login:
    """

  @Test("each controller's disks are counted, and the interfaces of each driver")
  func counts() throws {
    let words = KernelWords(Data(Self.said.utf8))
    let table = try DeviceTable.bundled()
    for bus in ["virtio-blk", "virtio-scsi", "pvscsi", "lsi53c895a", "nvme", "sata"] {
      let says = try #require(table.controller(bus)?.says)
      #expect(words.diskCount(says) == 1, "\(bus)")
    }
    #expect(words.diskCount(try #require(table.controller("ide")?.says)) == 0)
    for driver in ["vmxnet3", "e1000", "e1000e", "8139cp", "pcnet32", "virtio_net"] {
      #expect(words.interfaceCount(driver) == 1, "\(driver)")
    }
  }

  @Test("an adapter without a disk, and words that are not the kernel's, say nothing")
  func nothing() throws {
    let ahci = try #require(try DeviceTable.bundled().controller("sata")?.says)
    // What the mainboard has of its own, and what a program writes.
    let said =
      "[    9.5] scsi host2: ahci\nsd 2:0:0:0: [sda] Attached SCSI disk\nnvme nvme0: pci function 0000:00:05.0\n"
    let words = KernelWords(Data(said.utf8))
    #expect(words.diskCount(ahci) == 0)
    #expect(words.diskCount(.init(driver: "nvme", host: nil)) == 0)
    #expect(KernelWords(Data(repeating: 0x5b, count: 1 << 16)).interfaceCount("e1000") == 0)
  }
}

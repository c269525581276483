import ConnectorProtocol
import Testing

@testable import QEMUConnector

@Suite struct QEMUCommandTests {
  private func words(_ plan: MachinePlan, _ firmware: Firmware? = nil) -> [String] {
    QEMUCommand(plan: plan, firmware: firmware).arguments.map { $0.resolved(in: "/m/vm") }
  }

  @Test(arguments: [
    (DiskController.virtioBlk, "virtio-blk-pci,drive=disk0,bootindex=1", "q35"),
    (.virtioSCSI, "scsi-hd,drive=disk0,bus=scsi0.0,scsi-id=0,lun=0,bootindex=1", "q35"),
    (.nvme, "nvme,drive=disk0,serial=disk0,bootindex=1", "q35"),
    (.sata, "ide-hd,drive=disk0,bus=ide.0,bootindex=1", "q35"),
    (.ide, "ide-hd,drive=disk0,bus=ide.0,unit=0,bootindex=1", "pc"),
  ]) func `each controller`(controller: DiskController, device: String, board: String) {
    let words = words(Plans.plan(controllers: [controller]))
    #expect(words.contains(device))
    #expect(words.contains { $0.hasPrefix(board + ",") })
    #expect(
      words.contains(
        "file=/m/vm/disk0.raw,format=raw,if=none,id=disk0,cache=writeback,discard=unmap,detect-zeroes=unmap"))
  }

  @Test func `places on a controller are counted, and the boot disk is tried first`() {
    var plan = Plans.plan(controllers: [.ide, .ide, .ide])
    plan.disks[0].boot = false
    plan.disks[2].boot = true
    let words = words(plan)
    #expect(words.contains("ide-hd,drive=disk0,bus=ide.0,unit=0,bootindex=2"))
    #expect(words.contains("ide-hd,drive=disk1,bus=ide.0,unit=1,bootindex=3"))
    #expect(words.contains("ide-hd,drive=disk2,bus=ide.1,unit=0,bootindex=1"))
  }

  @Test func `firmware of UEFI, with Secure Boot`() {
    let firmware = Firmware(code: "/f/code,1.fd", variables: "/f/vars.fd")
    let words = words(Plans.plan(firmware: .uefi, secureBoot: true), firmware)
    #expect(words.contains("if=pflash,unit=0,format=raw,readonly=on,file=/f/code,,1.fd"))
    #expect(words.contains("file=/m/vm/uefi-vars.fd,if=pflash,unit=1,format=raw"))
    #expect(words.contains { $0.hasSuffix("smm=on") })
    #expect(words.contains("driver=cfi.pflash01,property=secure,value=on"))
  }

  @Test func `a network that is none has no backend`() {
    #expect(words(Plans.plan(network: "user")).contains("user,id=net0"))
    let without = words(Plans.plan(network: "none"))
    #expect(!without.contains("-netdev"))
    #expect(without.contains("virtio-net-pci,mac=52:54:00:00:00:01"))
  }

  @Test(arguments: [
    (MachineDescription.CPU(count: 4), 1, 4, 1), (.init(count: 8, coresPerSocket: 2), 4, 2, 1),
    (.init(count: 8, coresPerSocket: 2, threadsPerCore: 2), 2, 2, 2), (.init(count: 6, coresPerSocket: 4), 1, 6, 1),
    (.init(count: 0), 1, 1, 1), (.init(count: 2, coresPerSocket: Int.max, threadsPerCore: 9), 1, 2, 1),
  ]) func `processors are grouped so that they multiply`(
    cpu: MachineDescription.CPU, sockets: Int, cores: Int, threads: Int
  ) {
    let topology = CPUTopology(cpu)
    #expect((topology.sockets, topology.cores, topology.threads) == (sockets, cores, threads))
    #expect(topology.sockets * topology.cores * topology.threads == topology.count)
  }
}

/// OVF descriptors for tests.
struct TestDescriptor {
  var files = #"<File ovf:href="disk1.vmdk" ovf:id="file1"/>"#
  var disks = Self.disk("vmdisk1", "file1")
  var extraItems = ""
  var memory = Self.item(
    4, 2, "2048MB of memory", "<rasd:VirtualQuantity>2048</rasd:VirtualQuantity>", units: "byte * 2^20")
  var diskItems = Self.diskItem("Hard disk 1", 10, "ovf:/disk/vmdisk1", parent: 3, address: 0)
  var controllers = Self.item(6, 3, "SCSI controller 0", "<rasd:Address>0</rasd:Address>", subtype: "VirtualSCSI")
  var settings = ""
  var sections = ""
  var envelope = ""
  var doctype = ""
  var systemType = "vmx-19"
  var guest =
    #"<OperatingSystemSection ovf:id="96" vmw:osType="debian12_64Guest"><Info>x</Info></OperatingSystemSection>"#

  static func disk(_ id: String, _ file: String?, capacity: String = "4", units: String? = "byte * 2^20") -> String {
    let units = units.map { "ovf:capacityAllocationUnits=\"\($0)\" " } ?? ""
    let reference = file.map { "ovf:fileRef=\"\($0)\" " } ?? ""
    return "<Disk ovf:capacity=\"\(capacity)\" \(units)\(reference)ovf:diskId=\"\(id)\" "
      + "ovf:format=\"http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized\"/>"
  }

  static func item(
    _ type: Int, _ instance: Int, _ name: String, _ body: String = "", subtype: String? = nil, units: String? = nil,
    attributes: String = ""
  ) -> String {
    "<Item\(attributes)>" + (units.map { "<rasd:AllocationUnits>\($0)</rasd:AllocationUnits>" } ?? "")
      + "<rasd:ElementName>\(name)</rasd:ElementName><rasd:InstanceID>\(instance)</rasd:InstanceID>"
      + (subtype.map { "<rasd:ResourceSubType>\($0)</rasd:ResourceSubType>" } ?? "")
      + "<rasd:ResourceType>\(type)</rasd:ResourceType>\(body)</Item>\n"
  }

  static func diskItem(_ name: String, _ instance: Int, _ host: String, parent: Int, address: Int) -> String {
    item(
      17, instance, name,
      "<rasd:AddressOnParent>\(address)</rasd:AddressOnParent><rasd:HostResource>\(host)</rasd:HostResource>"
        + "<rasd:Parent>\(parent)</rasd:Parent>")
  }

  var text: String {
    """
    <?xml version="1.0" encoding="UTF-8"?>\(doctype)
    <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
      xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
      xmlns:vmw="http://www.vmware.com/schema/ovf"
      xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
      <References>\(files)</References>
      <DiskSection><Info>Disks</Info>\(disks)</DiskSection>
      \(envelope)
      <VirtualSystem ovf:id="vm"><Info>A machine</Info><Name>web-01</Name>\(guest)
        <VirtualHardwareSection><Info>Hardware</Info>
          <System><vssd:VirtualSystemType>\(systemType)</vssd:VirtualSystemType></System>
          <Item><rasd:ElementName>4 CPUs</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID>
            <rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>4</rasd:VirtualQuantity>
            <vmw:CoresPerSocket ovf:required="false">2</vmw:CoresPerSocket></Item>
          \(memory)\(controllers)\(diskItems)\(extraItems)\(settings)
        </VirtualHardwareSection>\(sections)
      </VirtualSystem>
    </Envelope>
    """
  }

  var bytes: [UInt8] { Array(text.utf8) }
}

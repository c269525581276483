/// The namespaces of OVF descriptors. Versions 1 and 2 differ in their URIs, and prefixes are the writer's choice.
enum OVFNamespace {
  static let envelope: Set<String> = [
    "http://schemas.dmtf.org/ovf/envelope/1", "http://schemas.dmtf.org/ovf/envelope/2",
  ]
  private static let cim = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
  static let allocation: Set<String> = [
    cim + "CIM_ResourceAllocationSettingData", cim + "CIM_StorageAllocationSettingData",
    cim + "CIM_EthernetPortAllocationSettingData",
    "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_StorageAllocationSettingData.xsd",
    "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_EthernetPortAllocationSettingData.xsd",
  ]
  static let system: Set<String> = [cim + "CIM_VirtualSystemSettingData"]
  static let vmware: Set<String> = ["http://www.vmware.com/schema/ovf"]
  static let virtualBox: Set<String> = ["http://www.virtualbox.org/ovf/machine"]
}

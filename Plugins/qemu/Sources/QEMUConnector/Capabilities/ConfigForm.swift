import ConnectorProtocol

/// The forms that a person fills: what reaches this platform, and what a restore onto it may be told.
enum ConfigForm {
  static let connection: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "properties": [
      "folder": [
        "type": "string",
        "title": "Folder of the machines",
        "description":
          "Absolute path; each restored machine gets a folder of its own in it. Without it, machines are kept with Ascend's own state.",
        "pattern": "^/",
        "x-ui": ["order": 1],
      ],
      "accel": [
        "type": "string",
        "title": "Acceleration",
        "description":
          "Automatic uses KVM where it works, found out by trying, and otherwise emulates the processor, which is slow.",
        "default": "auto",
        "oneOf": [
          ["const": "auto", "title": "Automatic"],
          ["const": "kvm", "title": "KVM"],
          ["const": "tcg", "title": "Emulation (TCG)"],
        ],
        "x-ui": ["order": 2],
      ],
      "memoryLimit": [
        "type": "string",
        "title": "Memory limit",
        "description":
          "The most memory that a machine gets, as bytes or like 2GiB; a larger machine is made smaller, and the plan says so.",
        "pattern": "^[0-9]+ *([KMGT](i?B)?|B)?$",
        "x-ui": ["order": 3],
      ],
    ],
  ]

  static let target: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "properties": [:],
  ]
}

# The interface between tenantctl and the platform's modules. Made by tenantctl.

terraform {
  required_version = ">= 1.3.0"
}

variable "cloud_provider" {
  description = "Which cloud."
  type        = string
  validation {
    condition     = contains(["aws", "azure", "gcp"], var.cloud_provider)
    error_message = "The provider must be aws, azure or gcp."
  }
}

variable "account" {
  description = "Whose it is: an account's number (AWS), a subscription's id (Azure) or a project's id (GCP)."
  type        = string
}

variable "region" {
  description = "The cloud's name of the region."
  type        = string
}

variable "zones" {
  description = "Zones that node pools and databases are spread over; none leaves it to the cloud."
  type        = list(string)
  default     = []
}

variable "environment" {
  description = "The environment, such as prod."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster."
  type        = string
}

variable "kubernetes_version" {
  description = "Version of the cluster."
  type        = string
  validation {
    condition     = can(regex("^1\\.[0-9]+$", var.kubernetes_version))
    error_message = "The version must be a minor one, such as 1.34."
  }
}

variable "network_cidr" {
  description = "Addresses of the network."
  type        = string
  validation {
    condition     = can(cidrhost(var.network_cidr, 0))
    error_message = "The network must be in CIDR notation."
  }
}

variable "tags" {
  description = "Tags, or labels, of everything that is made."
  type        = map(string)
  default     = {}
}

variable "node_pools" {
  description = "Groups of equal nodes, by name."
  type = map(object({
    machine = string
    min     = number
    max     = number
    disk_gb = optional(number, 100)
    spot    = optional(bool, false)
    labels  = optional(map(string), {})
    taints = optional(list(object({
      key    = string
      value  = string
      effect = string
    })), [])
  }))
  validation {
    condition     = alltrue([for pool in values(var.node_pools) : pool.min <= pool.max])
    error_message = "A node pool must have at least as many nodes at the most as at the least."
  }
}

variable "databases" {
  description = "Databases that the cloud runs, by name."
  type = map(object({
    engine            = string
    version           = string
    machine           = string
    storage_gb        = optional(number, 100)
    high_availability = optional(bool, true)
    backup_days       = optional(number, 7)
  }))
  default = {}
  validation {
    condition     = alltrue([for database in values(var.databases) : contains(["postgresql", "redis"], database.engine)])
    error_message = "A database must be postgresql or redis."
  }
}

variable "buckets" {
  description = "Buckets for objects, by name. None is public."
  type = map(object({
    versioning     = optional(bool, true)
    retention_days = optional(number, 0)
  }))
  default = {}
}

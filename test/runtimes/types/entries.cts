// Every entry point, as CommonJS requires it.
import main = require('metask-gateway');
import admin = require('metask-gateway/admin');
import aiSdk = require('metask-gateway/ai-sdk');
import bedrock = require('metask-gateway/bedrock');
import catalogue = require('metask-gateway/catalogue');
import dashboard = require('metask-gateway/dashboard');
import express = require('metask-gateway/express');
import fastify = require('metask-gateway/fastify');
import hooks = require('metask-gateway/hooks');
import next = require('metask-gateway/next');
import node = require('metask-gateway/node');
import opentelemetry = require('metask-gateway/opentelemetry');
import postgres = require('metask-gateway/postgres');
import prometheus = require('metask-gateway/prometheus');
import redis = require('metask-gateway/redis');
import sqlite = require('metask-gateway/sqlite');
import stripe = require('metask-gateway/stripe');
import testing = require('metask-gateway/testing');
import vertex = require('metask-gateway/vertex');

export const entries = [
  main,
  admin,
  aiSdk,
  bedrock,
  catalogue,
  dashboard,
  express,
  fastify,
  hooks,
  next,
  node,
  opentelemetry,
  postgres,
  prometheus,
  redis,
  sqlite,
  stripe,
  testing,
  vertex,
];
